namespace KedaJobs.Worker.Handlers;

/// <summary>What a handler may want to know beside its input.</summary>
/// <param name="Id">The job's id: the same on every attempt, so it serves as a key for work that must not be repeated.</param>
/// <param name="Attempt">Which delivery this is, counted from 1.</param>
public sealed record JobContext(string Id, int Attempt);
