using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

public sealed class ExecuteCommandContext
{
    public required IServiceProvider ServiceProvider { get; init; }

    /// <summary>The row's id, which differs from the resource's name for projects and executables.</summary>
    public required string ResourceName { get; init; }

    public required CancellationToken CancellationToken { get; init; }

    /// <summary>The resource's own log.</summary>
    public required ILogger Logger { get; init; }

    public required InteractionInputCollection Arguments { get; init; }
}

public sealed class ExecuteCommandResult
{
    public required bool Success { get; init; }

    public bool Canceled { get; init; }

    public string? Message { get; init; }

    public CommandResultData? Data { get; init; }
}

public sealed class CommandResultData
{
    public required string Value { get; init; }

    public CommandResultFormat Format { get; init; }

    public bool DisplayImmediately { get; init; }
}

public enum CommandResultFormat
{
    Text = 0,
    Json = 1,
    Markdown = 2,
}

public static class CommandResults
{
    public static ExecuteCommandResult Success() => new() { Success = true };

    public static ExecuteCommandResult Success(string message) => new() { Success = true, Message = message };

    public static ExecuteCommandResult Success(string message, CommandResultData value) => new() { Success = true, Message = message, Data = value };

    public static ExecuteCommandResult Success(string message, string result, CommandResultFormat resultFormat = CommandResultFormat.Text) =>
        Success(message, new CommandResultData { Value = result, Format = resultFormat });

    public static ExecuteCommandResult Success(string message, string result, CommandResultFormat resultFormat, bool displayImmediately) =>
        Success(message, new CommandResultData { Value = result, Format = resultFormat, DisplayImmediately = displayImmediately });

    public static ExecuteCommandResult Failure(string? errorMessage = null) => new() { Success = false, Message = errorMessage };

    public static ExecuteCommandResult Failure(string errorMessage, CommandResultData value) =>
        new() { Success = false, Message = errorMessage, Data = value };

    public static ExecuteCommandResult Failure(string errorMessage, string result, CommandResultFormat resultFormat = CommandResultFormat.Text) =>
        Failure(errorMessage, new CommandResultData { Value = result, Format = resultFormat });

    public static ExecuteCommandResult Failure(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return Failure(exception.Message);
    }

    public static ExecuteCommandResult Canceled() => new() { Success = false, Canceled = true };
}
