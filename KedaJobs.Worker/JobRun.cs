namespace KedaJobs.Worker;

/// <summary>How the execution ended, for whoever started it.</summary>
internal sealed class JobRun
{
    /// <summary>0 when it ended as it should, also when told to stop; 1 when it failed. An exception out of a background service leaves 0 behind.</summary>
    public int ExitCode { get; set; }
}
