namespace KedaJobs.Jobs.Hosting;

/// <summary>How the execution ends: when the last of its workers has ended, and with which exit code.</summary>
internal sealed class JobRun
{
    private int _workers;

    /// <summary>
    /// 0 if the execution ended as it should, also if it was told to stop; 1 if it failed. An exception
    /// thrown by a background service would leave 0.
    /// </summary>
    public int ExitCode { get; private set; }

    public void Begin() => Interlocked.Increment(ref _workers);

    public void Fail() => ExitCode = 1;

    /// <returns>Whether it was the last one.</returns>
    public bool End() => Interlocked.Decrement(ref _workers) == 0;
}
