namespace KedaJobs.Hosting.Local;

/// <summary>The clock by which polls are due, apart from the clock of processes and locks.</summary>
internal sealed record ScheduleClock(TimeProvider TimeProvider);
