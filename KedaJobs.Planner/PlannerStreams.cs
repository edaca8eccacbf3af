using Spectre.Console;

namespace KedaJobs.Planner;

/// <summary>Where the planner reads and writes.</summary>
internal sealed record PlannerStreams(Stream Input, Stream Output, TextWriter Error)
{
    private const int PlainWidth = 160;

    /// <summary>Opens a file, or standard input for null and '-'.</summary>
    public Stream Open(string? file) => file is null or "-" ? Input : File.OpenRead(file);

    /// <summary>The width of the terminal that the output goes to; null: it goes elsewhere.</summary>
    public int? OutputWidth { get; init; }

    /// <summary>The width of the terminal that errors go to; null: they go elsewhere.</summary>
    public int? ErrorWidth { get; init; }

    /// <summary>A console on the output, for tables. Without a terminal it writes plain text.</summary>
    public IAnsiConsole Console() => Create(new StreamWriter(Output, leaveOpen: true) { AutoFlush = true }, OutputWidth);

    /// <summary>A console on standard error, for progress, which is shown only in a terminal.</summary>
    public IAnsiConsole ErrorConsole() => Create(ErrorWidth is null ? TextWriter.Null : Error, ErrorWidth);

    private static IAnsiConsole Create(TextWriter writer, int? width)
    {
        var console = AnsiConsole.Create(new()
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = width is null ? AnsiSupport.No : AnsiSupport.Detect,
            Interactive = width is null ? InteractionSupport.No : InteractionSupport.Yes,
        });
        // Some terminals report a width of 0.
        console.Profile.Width = width is > 0 ? width.Value : PlainWidth;
        return console;
    }

    /// <summary>Reads a document as a whole.</summary>
    public static async Task<byte[]> ReadToEndAsync(Stream input, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await input.CopyToAsync(buffer, cancellationToken);
        return buffer.ToArray();
    }
}
