using System.Text;

namespace KedaJobs.Hosting.Local.Processes;

/// <summary>Makes lines of bytes of UTF-8 that come in pieces. A line ends with LF, CR LF or CR; one that does not end is cut.</summary>
internal sealed class LineSplitter(Action<string> write)
{
    /// <summary>
    /// Characters after which a line that does not end is forwarded as it is, so that a program that writes no
    /// line ends costs no more memory than this.
    /// </summary>
    public const int LongestLine = 64 * 1024;

    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _line = new();
    private char[] _characters = [];
    private bool _skipLineFeed;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        var longest = Encoding.UTF8.GetMaxCharCount(bytes.Length);
        if (_characters.Length < longest)
        {
            _characters = new char[longest];
        }

        Add(_characters.AsSpan(0, _decoder.GetChars(bytes, _characters, flush: false)));
    }

    /// <summary>Nothing more comes: passes on what has no line end.</summary>
    public void End()
    {
        Span<char> rest = stackalloc char[4];
        Add(rest[.._decoder.GetChars([], rest, flush: true)]);
        if (_line.Length > 0)
        {
            Flush();
        }
    }

    private void Add(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (_skipLineFeed && text[0] == '\n')
            {
                text = text[1..];
            }

            _skipLineFeed = false;
            var end = text.IndexOfAny('\r', '\n');
            var piece = end < 0 ? text : text[..end];
            while (_line.Length + piece.Length > LongestLine)
            {
                var fits = LongestLine - _line.Length;
                _line.Append(piece[..fits]);
                piece = piece[fits..];
                Flush();
            }

            _line.Append(piece);
            if (end < 0)
            {
                return;
            }

            Flush();
            _skipLineFeed = text[end] == '\r';
            text = text[(end + 1)..];
        }
    }

    private void Flush()
    {
        write(_line.ToString());
        _line.Clear();
    }
}
