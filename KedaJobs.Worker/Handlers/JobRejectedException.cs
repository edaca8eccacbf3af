namespace KedaJobs.Worker.Handlers;

/// <summary>Thrown by a handler when a job can never succeed: its message goes to the dead-letter queue now, without further attempts.</summary>
/// <param name="reason">One word for the kind of problem, shown as the dead letter's reason.</param>
/// <param name="description">What is wrong, for whoever looks at the dead letter.</param>
public sealed class JobRejectedException(string reason, string description) : Exception(description)
{
    /// <summary>One word for the kind of problem.</summary>
    public string Reason { get; } = reason;
}
