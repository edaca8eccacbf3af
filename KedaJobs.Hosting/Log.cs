using Microsoft.Extensions.Logging;

namespace KedaJobs.Hosting;

/// <summary>
/// Everything this library logs. Most of it goes to the logs of the resources that it is about; the
/// AppHost's console gets starts, ends and problems.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "The broker of '{Namespace}' is not started. {Reason}")]
    public static partial void BrokerNotStarted(ILogger logger, string @namespace, string reason);

    [LoggerMessage(2, LogLevel.Information, "Polling '{Entity}' every {Interval} s (declared: {Declared} s).")]
    public static partial void Polling(ILogger logger, string entity, double interval, double declared);

    [LoggerMessage(3, LogLevel.Information, "{Reason}")]
    public static partial void Scaled(ILogger logger, string reason);

    [LoggerMessage(4, LogLevel.Warning, "{Problem}")]
    public static partial void Problem(ILogger logger, string problem);

    [LoggerMessage(5, LogLevel.Information, "Recovered.")]
    public static partial void Recovered(ILogger logger);

    [LoggerMessage(6, LogLevel.Information, "{What} {State}.")]
    public static partial void ScalingSwitched(ILogger logger, string what, string state);

    [LoggerMessage(7, LogLevel.Debug, "The oldest messages of '{Entity}' could not be peeked: {Reason}")]
    public static partial void LookFailed(ILogger logger, string entity, string reason);

    [LoggerMessage(8, LogLevel.Information, "Execution {Execution} starts.")]
    public static partial void ExecutionStarts(ILogger logger, string execution);

    [LoggerMessage(9, LogLevel.Information, "Execution {Execution} ends: {Status}. {Reason}")]
    public static partial void ExecutionEnds(ILogger logger, string execution, string status, string reason);

    [LoggerMessage(10, LogLevel.Information, "Execution {Execution}: {Status} after {Seconds:0.0} s, exit code {ExitCode}.")]
    public static partial void ExecutionEnded(ILogger logger, string execution, string status, double seconds, int? exitCode);

    [LoggerMessage(11, LogLevel.Information, "Execution {Execution}, attempt {Attempt}: process {ProcessId} started.")]
    public static partial void ReplicaStarted(ILogger logger, string execution, int attempt, int processId);

    [LoggerMessage(12, LogLevel.Error, "Execution {Execution}: the worker could not be started: {Reason}")]
    public static partial void ReplicaNotStarted(ILogger logger, string execution, string reason);

    [LoggerMessage(13, LogLevel.Information, "Execution {Execution}, attempt {Attempt}: exit code {ExitCode}.")]
    public static partial void ReplicaExited(ILogger logger, string execution, int attempt, int exitCode);

    [LoggerMessage(14, LogLevel.Information, "{Line}")]
    public static partial void ReplicaLine(ILogger logger, string line);

    [LoggerMessage(15, LogLevel.Error, "{Line}")]
    public static partial void ReplicaErrorLine(ILogger logger, string line);

    [LoggerMessage(16, LogLevel.Information, "Wrote the job definition of '{Resource}' to {Path}")]
    public static partial void DefinitionWritten(ILogger logger, string resource, string path);

    [LoggerMessage(
        40, LogLevel.Warning,
        "The planner does not take the job definition of '{Resource}': {Problem}. The published job is not affected.")]
    public static partial void DefinitionRefused(ILogger logger, string resource, string problem);

    [LoggerMessage(17, LogLevel.Information, "{Job}: execution {Execution} started.")]
    public static partial void JobExecutionStarted(ILogger logger, string job, string execution);

    [LoggerMessage(18, LogLevel.Information, "{Job}: execution {Execution} ended: {Status} after {Seconds:0.0} s, exit code {ExitCode}.")]
    public static partial void JobExecutionEnded(
        ILogger logger, string job, string execution, string status, double seconds, int? exitCode);

    [LoggerMessage(19, LogLevel.Warning, "{Job}: {Problem}")]
    public static partial void JobProblem(ILogger logger, string job, string problem);

    [LoggerMessage(20, LogLevel.Information, "{Job}: recovered.")]
    public static partial void JobRecovered(ILogger logger, string job);

    [LoggerMessage(21, LogLevel.Error, "Execution {Execution}: the local runner failed: {Reason}")]
    public static partial void RunnerFailed(ILogger logger, string execution, string reason, Exception exception);

    [LoggerMessage(22, LogLevel.Information, "Messages are leaving '{Entity}' again.")]
    public static partial void RunawayOver(ILogger logger, string entity);

    [LoggerMessage(23, LogLevel.Warning, "The message counts are not available: {Reason}")]
    public static partial void CountsUnavailable(ILogger logger, string reason);

    [LoggerMessage(24, LogLevel.Information, "Building the image from the Dockerfile for {Context} ...")]
    public static partial void ImageBuilding(ILogger logger, string context);

    [LoggerMessage(25, LogLevel.Information, "Built the image {Image}.")]
    public static partial void ImageBuilt(ILogger logger, string image);

    [LoggerMessage(
        30, LogLevel.Information,
        "The environment variable {Name} is not set: '{Value}' has a value only for processes that Aspire starts.")]
    public static partial void VariableDropped(ILogger logger, string name, string value);

    [LoggerMessage(100, LogLevel.Warning, "{Code} {Resource}: {Problem} {Cure}")]
    public static partial void DeclarationIsDoubtful(ILogger logger, string code, string resource, string problem, string cure);
}
