namespace Aspire.Hosting.ApplicationModel;

public sealed class WaitAnnotation(IResource resource, WaitType waitType, int exitCode = 0) : IResourceAnnotation
{
    public IResource Resource { get; } = resource ?? throw new ArgumentNullException(nameof(resource));

    public WaitType WaitType { get; } = waitType;

    public int ExitCode { get; } = exitCode;

    public WaitBehavior? WaitBehavior { get; init; }
}

public enum WaitType
{
    WaitUntilHealthy = 0,
    WaitForCompletion = 1,
    WaitUntilStarted = 2,
}

public enum WaitBehavior
{
    WaitOnResourceUnavailable = 0,
    StopOnResourceUnavailable = 1,
}
