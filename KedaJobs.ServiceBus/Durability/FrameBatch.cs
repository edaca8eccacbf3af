namespace KedaJobs.ServiceBus.Durability;

/// <summary>Frames of one segment that wait to be written.</summary>
internal sealed class FrameBatch
{
    private byte[] _bytes = new byte[64 * 1024];
    private int _length;

    public Segment? Segment { get; set; }

    public int Capacity => _bytes.Length;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    public void Clear() => (_length, Segment) = (0, null);

    public Span<byte> Take(int count)
    {
        if (_length + count > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(_length + (long)count, _bytes.Length * 2L)));
        }

        _length += count;
        return _bytes.AsSpan(_length - count, count);
    }
}
