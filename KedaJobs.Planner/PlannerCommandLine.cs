using System.CommandLine;
using System.CommandLine.Invocation;
using KedaJobs.Planner.Explain;
using KedaJobs.Planner.Export;
using KedaJobs.Planner.Record;
using KedaJobs.Planner.Simulation;
using KedaJobs.Planner.Sweep;
using KedaJobs.Scaling.Json;

namespace KedaJobs.Planner;

/// <summary>The planner as a function of its arguments and streams.</summary>
internal static class PlannerCommandLine
{
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, PlannerStreams streams)
    {
        var root = new RootCommand($"Shows what a job's scale rule does before you deploy it.\n\n{ExitCodes.Help}")
        {
            ExplainCommand.Create(streams),
            ExportCommand.Create(streams),
            RecordCommand.Create(streams),
            SimulateCommand.Create(streams),
            SweepCommand.Create(streams),
        };
        var parsed = root.Parse(arguments);
        if (parsed.Action is ParseErrorAction)
        {
            return Fail(streams, $"{string.Join(" ", parsed.Errors.Select(error => error.Message))} See --help.");
        }

        try
        {
            using var output = new StreamWriter(streams.Output, leaveOpen: true);
            return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, Output = output, Error = streams.Error });
        }
        catch (Exception exception) when (exception is JsonInputException or PlannerInputException or IOException
            or UnauthorizedAccessException)
        {
            return Fail(streams, exception.Message);
        }
    }

    /// <summary>A file name with a leading '-' is far more likely to be an option that does not exist.</summary>
    public static void RefuseUnknownOptions(this Argument<string?> file) => file.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<string?>() is ['-', _, ..] option)
        {
            result.AddError($"There is no option '{option}'.");
        }
    });

    private static int Fail(PlannerStreams streams, string message)
    {
        streams.Error.WriteLine(message.ReplaceLineEndings(" "));
        return ExitCodes.WrongInput;
    }
}
