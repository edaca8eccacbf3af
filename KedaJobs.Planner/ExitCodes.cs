namespace KedaJobs.Planner;

/// <summary>The exit codes of the planner; also in its --help.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>The input, or a line of it, or the command line is wrong; standard error says what.</summary>
    public const int WrongInput = 2;

    /// <summary>sweep: no settings meet the wait that was asked for.</summary>
    public const int NothingFits = 3;

    /// <summary>record: the namespace or broker cannot be read; standard error says why.</summary>
    public const int Unreachable = 4;

    public const string Help =
        "Exit codes: 0 success; 2 the input (with --jsonl: any line of it), a file, or the command line is wrong; 3 sweep: "
        + "no settings meet --p95; "
        + "4 record: the queue can't be read.";
}
