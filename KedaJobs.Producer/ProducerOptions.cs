using System.ComponentModel.DataAnnotations;

namespace KedaJobs.Producer;

/// <summary>Configuration section "Producer".</summary>
public sealed class ProducerOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Producer";

    /// <summary>How long one operation on the broker may take before the caller gets 503. 1 s to 1 min; default 8 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan BrokerDeadline { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>How long POST /results/take waits for the first result. 10 ms to 30 s; default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:30")]
    public TimeSpan ResultsWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long POST /dead-letter/requeue goes on before it answers with what it has done. 1 s to 5 min; default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan RequeueTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest body of a request, in bytes. 1,000 to 1,000,000,000; default 30,000,000.</summary>
    [Range(1_000, 1_000_000_000)]
    public int MaxRequestBytes { get; set; } = 30_000_000;
}
