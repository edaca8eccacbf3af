namespace KedaJobs.ServiceBus.Durability;

/// <summary>Where segments are kept: a directory, or a test's memory. Everything may throw what the file system throws.</summary>
internal interface ISegmentStore : IDisposable
{
    /// <summary>How messages for people call a segment.</summary>
    string NameOf(long number);

    /// <summary>The numbers of all segments, in ascending order.</summary>
    IReadOnlyList<long> List();

    long LengthOf(long number);

    /// <summary>Reads a whole segment.</summary>
    /// <param name="number">The segment.</param>
    /// <param name="buffer">Where to; must be as long as the segment.</param>
    void Read(long number, Span<byte> buffer);

    /// <summary>Cuts the end of a segment off, on disk when this returns.</summary>
    void Truncate(long number, long length);

    /// <summary>Creates an empty segment; its place in the directory is on disk when this returns.</summary>
    ISegmentFile Create(long number);

    /// <summary>Deletes a segment, on disk when this returns: of several, none may come back without those after it.</summary>
    void Delete(long number);
}

/// <summary>A segment that is being written.</summary>
internal interface ISegmentFile : IDisposable
{
    void Append(ReadOnlySpan<byte> bytes);

    /// <summary>Returns when everything appended is on disk.</summary>
    void Flush();
}
