namespace Aspire.Hosting.ApplicationModel;

public static class KnownResourceStates
{
    public static readonly string Starting = "Starting";

    public static readonly string Running = "Running";

    public static readonly string Active = "Active";

    public static readonly string Building = "Building";

    public static readonly string Waiting = "Waiting";

    public static readonly string NotStarted = "NotStarted";

    public static readonly string Stopping = "Stopping";

    public static readonly string Finished = "Finished";

    public static readonly string Exited = "Exited";

    public static readonly string FailedToStart = "FailedToStart";

    public static readonly string RuntimeUnhealthy = "RuntimeUnhealthy";

    public static readonly string ValueMissing = "ValueMissing";

    public static readonly IReadOnlyList<string> TerminalStates = [Finished, FailedToStart, Exited];

    internal static bool IsTerminal(string? state) => state is not null && TerminalStates.Contains(state);
}

public static class KnownResourceStateStyles
{
    public static readonly string Success = "success";

    public static readonly string Error = "error";

    public static readonly string Info = "info";

    public static readonly string Warn = "warning";
}

public static class KnownResourceCommands
{
    public static readonly string StartCommand = "start";

    public static readonly string StopCommand = "stop";

    public static readonly string RestartCommand = "restart";

    public static readonly string RebuildCommand = "rebuild";
}

internal static class KnownRelationshipTypes
{
    public const string Parent = "Parent";
    public const string Reference = "Reference";
    public const string WaitFor = "WaitFor";
}

internal static class KnownResourceTypes
{
    public const string Project = "Project";
    public const string Executable = "Executable";
    public const string Container = "Container";
    public const string Parameter = "Parameter";
    public const string ConnectionString = "ConnectionString";
    public const string ExternalService = "ExternalService";
}
