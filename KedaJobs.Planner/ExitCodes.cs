namespace KedaJobs.Planner;

/// <summary>What the planner tells the shell; also in its --help.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>The input, or a line of it, or the command line is wrong; standard error says what.</summary>
    public const int WrongInput = 2;

    public const string Help = "Exit codes: 0 answered; 2 the input (with --jsonl: any line of it), a file or the command line is wrong.";
}
