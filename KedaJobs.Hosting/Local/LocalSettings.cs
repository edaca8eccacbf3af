using Microsoft.Extensions.Configuration;

namespace KedaJobs.Hosting.Local;

/// <summary>The AppHost's configuration section <c>KedaJobs:Local</c>: what differs on this machine from what is declared.</summary>
internal sealed class LocalSettings
{
    /// <summary>Rows beyond those that can run at once, so that the last executions stay to be looked at.</summary>
    private const int RememberedRows = 10;

    /// <summary>What a developer waits for gladly, where the declared interval is longer.</summary>
    private static readonly TimeSpan PatientInterval = TimeSpan.FromSeconds(2);

    /// <summary>The polling interval on this machine, exactly. Null: the smaller of the declared one and 2 s.</summary>
    public TimeSpan? PollingInterval { get; set; }

    /// <summary>
    /// Dashboard rows for executions, at least 1; never more run at once than there are rows. Null: the declared maximum and ten more.
    /// </summary>
    public int? Slots { get; set; }

    /// <exception cref="InvalidOperationException">A name is unknown, or a value cannot be read or is out of range.</exception>
    public static LocalSettings Read(IConfiguration configuration)
    {
        var settings = new LocalSettings();
        configuration.GetSection("KedaJobs:Local").Bind(settings, binding => binding.ErrorOnUnknownConfiguration = true);
        if (settings.PollingInterval <= TimeSpan.Zero)
        {
            throw new InvalidOperationException("KedaJobs:Local:PollingInterval must be longer than 0, for instance 00:00:01.");
        }

        return settings.Slots is < 1
            ? throw new InvalidOperationException("KedaJobs:Local:Slots must be at least 1.")
            : settings;
    }

    public TimeSpan PollingIntervalOf(EventJobOptions options) =>
        PollingInterval ?? (options.PollingInterval < PatientInterval ? options.PollingInterval : PatientInterval);

    public int RowsOf(EventJobOptions options) => Slots ?? Math.Max(1, options.MaxExecutions) + RememberedRows;
}
