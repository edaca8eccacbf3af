using Microsoft.Extensions.Configuration;

namespace KedaJobs.Hosting.Local;

/// <summary>
/// The AppHost's configuration section <c>KedaJobs:Local</c>: the settings that differ on this machine from the declared ones.
/// </summary>
internal sealed class LocalSettings
{
    /// <summary>Enough to see running and recent executions. Further executions run without a resource of their own.</summary>
    private const int DefaultSlots = 12;

    /// <summary>More would make the dashboard slow, and names longer than they look.</summary>
    private const int MaxSlots = 1_000;

    /// <summary>A comfortable wait for a developer, if the declared interval is longer.</summary>
    private static readonly TimeSpan PatientInterval = TimeSpan.FromSeconds(2);

    /// <summary>Above zero, at most a day. Null: the smaller of the declared one and 2 s.</summary>
    public TimeSpan? PollingInterval { get; set; }

    /// <summary>Resources that show executions, 1 to 1,000. Further executions still run. Null: 12.</summary>
    public int? Slots { get; set; }

    /// <summary>
    /// The command line tool that container workers run through: a name on PATH, or a path relative to the AppHost's project. Null: the one
    /// that Aspire is told to use (<c>ASPIRE_CONTAINER_RUNTIME</c>), else docker, else podman.
    /// </summary>
    public string? ContainerRuntime { get; set; }

    /// <summary>
    /// How long executions have between SIGTERM and SIGKILL when the AppHost stops. From 1 s to 5 min; default 10 s, because a user who
    /// pressed Ctrl+C does not want to wait for the 30 s of Container Apps.
    /// </summary>
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The time after SIGTERM that a worker is told: a little less, so that it ends before it is killed.</summary>
    public TimeSpan AnnouncedGrace => ShutdownGrace * 0.8;

    /// <exception cref="JobDeclarationException">A name is unknown, or a value cannot be read or is out of range.</exception>
    public static LocalSettings Read(IConfiguration configuration)
    {
        var settings = new LocalSettings();
        try
        {
            configuration.GetSection("KedaJobs:Local").Bind(settings, binding => binding.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException exception)
        {
            throw new JobDeclarationException(
                $"The configuration section KedaJobs:Local contains an unknown name or an invalid value: {exception.Message}",
                exception);
        }

        if (settings.PollingInterval is { } interval && (interval <= TimeSpan.Zero || interval > TimeSpan.FromDays(1)))
        {
            throw new JobDeclarationException(
                "KedaJobs:Local:PollingInterval must be longer than 0 and at most 1 day, for instance 00:00:01.");
        }

        if (settings.ShutdownGrace < TimeSpan.FromSeconds(1) || settings.ShutdownGrace > TimeSpan.FromMinutes(5))
        {
            throw new JobDeclarationException("KedaJobs:Local:ShutdownGrace must be from 1 second to 5 minutes, for instance 00:00:10.");
        }

        return settings.Slots is < 1 or > MaxSlots
            ? throw new JobDeclarationException($"KedaJobs:Local:Slots must be from 1 to {MaxSlots}.")
            : settings;
    }

    public TimeSpan PollingIntervalOf(EventJobOptions options) =>
        PollingInterval ?? (options.PollingInterval < PatientInterval ? options.PollingInterval : PatientInterval);

    public int SlotCount => Slots ?? DefaultSlots;
}
