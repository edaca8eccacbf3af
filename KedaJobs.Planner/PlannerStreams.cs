namespace KedaJobs.Planner;

/// <summary>Where the planner reads and writes.</summary>
internal sealed record PlannerStreams(Stream Input, Stream Output, TextWriter Error)
{
    /// <summary>Opens a file, or standard input for null and '-'.</summary>
    public Stream Open(string? file) => file is null or "-" ? Input : File.OpenRead(file);

    /// <summary>Reads a document as a whole.</summary>
    public static async Task<byte[]> ReadToEndAsync(Stream input, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await input.CopyToAsync(buffer, cancellationToken);
        return buffer.ToArray();
    }
}
