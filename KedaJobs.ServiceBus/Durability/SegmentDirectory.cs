using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace KedaJobs.ServiceBus.Durability;

/// <summary>Segments as files of one directory, which belongs to one broker at a time.</summary>
internal sealed class SegmentDirectory : ISegmentStore
{
    private const string Extension = ".log";
    private const string LockName = "lock";

    private readonly string _directory;
    private readonly FileStream _lock;

    private SegmentDirectory(string directory, FileStream taken) => (_directory, _lock) = (directory, taken);

    /// <summary>Takes the directory for this process, creating it if needed.</summary>
    /// <exception cref="BrokerStartException">Another broker has it, or it cannot be used.</exception>
    public static SegmentDirectory Open(string directory)
    {
        try
        {
            Create(directory);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new BrokerStartException(
                $"The data directory '{directory}' cannot be created: {refused.Message} Choose another one.", refused);
        }

        try
        {
            // The system gives the lock back when the process ends, however it ends.
            return new SegmentDirectory(directory, new FileStream(
                Path.Combine(directory, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException taken)
        {
            throw new BrokerStartException(
                $"The data directory '{directory}' is in use by another broker: stop that one, or choose another directory. "
                    + $"({taken.Message})", taken);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new BrokerStartException(
                $"The data directory '{directory}' cannot be written: {refused.Message} Change its permissions, or choose another one.",
                refused);
        }
    }

    public string NameOf(long number) => PathOf(number);

    public IReadOnlyList<long> List() =>
    [
        .. Directory.EnumerateFiles(_directory, $"*{Extension}")
            .Select(path =>
                long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    ? number
                    : 0)
            .Where(number => number > 0)
            .Order(),
    ];

    public long LengthOf(long number) => new FileInfo(PathOf(number)).Length;

    public void Read(long number, Span<byte> buffer)
    {
        using var file = File.OpenHandle(PathOf(number), options: FileOptions.SequentialScan);
        for (var done = 0; done < buffer.Length;)
        {
            var read = RandomAccess.Read(file, buffer[done..], done);
            if (read == 0)
            {
                throw new EndOfStreamException($"{PathOf(number)} ends at byte {done}, before its length.");
            }

            done += read;
        }
    }

    public void Truncate(long number, long length)
    {
        using var file = File.OpenHandle(PathOf(number), FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.SetLength(file, length);
        RandomAccess.FlushToDisk(file);
    }

    public ISegmentFile Create(long number)
    {
        var file = new SegmentFile(File.OpenHandle(PathOf(number), FileMode.CreateNew, FileAccess.Write));
        FlushDirectory();
        return file;
    }

    public void Delete(long number)
    {
        File.Delete(PathOf(number));
        FlushDirectory();
    }

    public void Dispose() => _lock.Dispose();

    private static void Create(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            // Messages are nobody else's business.
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private string PathOf(long number) => Path.Combine(_directory, number.ToString("D10", CultureInfo.InvariantCulture) + Extension);

    /// <summary>Puts the names of new and deleted files on disk. Windows does so by itself, and has no call for it.</summary>
    private void FlushDirectory()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var directory = new SafeFileHandle(Open(_directory, 0), ownsHandle: true);
        if (directory.IsInvalid)
        {
            throw new IOException($"{_directory} cannot be opened (error {Marshal.GetLastPInvokeError()}).");
        }

        RandomAccess.FlushToDisk(directory);
    }

    // .NET opens no directories.
    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    private sealed class SegmentFile(SafeFileHandle file) : ISegmentFile
    {
        private long _length;

        public void Append(ReadOnlySpan<byte> bytes)
        {
            RandomAccess.Write(file, bytes, _length);
            _length += bytes.Length;
        }

        public void Flush() => RandomAccess.FlushToDisk(file);

        public void Dispose() => file.Dispose();
    }
}
