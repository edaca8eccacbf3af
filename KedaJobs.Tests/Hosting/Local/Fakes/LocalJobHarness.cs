using System.Diagnostics.Metrics;
using KedaJobs.Hosting;
using KedaJobs.Hosting.Local;
using KedaJobs.Hosting.Local.Executions;
using KedaJobs.Hosting.Local.Polling;
using KedaJobs.Hosting.Local.Programs;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace KedaJobs.Tests.Hosting.Local.Fakes;

/// <summary>A local job over a fake queue, fake replicas and a fake clock.</summary>
internal sealed class LocalJobHarness : IReplicaTemplateSource, IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private Task _loop = Task.CompletedTask;

    public LocalJobHarness(Action<EventJobOptions>? configure = null, int slots = 12)
        : this(Options(configure), slots)
    {
    }

    /// <summary>A job that a schedule starts, or (without one) only people.</summary>
    public static LocalJobHarness Unscaled(string? schedule) =>
        new(EventJobOptions.Unscaled(new()), 2, schedule is null ? JobKind.Manual : JobKind.Scheduled, schedule);

    public LocalJobHarness(EventJobOptions options, int slots = 12, JobKind kind = JobKind.Event, string? schedule = null)
    {
        Job = new(new()
        {
            Name = "worker",
            JobName = "worker",
            Kind = kind,
            Schedule = schedule,
            Options = options,
            PollingInterval = TimeSpan.FromSeconds(2),
            Slots = Enumerable.Range(1, slots).ToDictionary(number => $"worker-{number:00}", number => $"{number:00}"),
            Templates = this,
            Starter = Starter,
            OpenSlotLog = SlotLog,
            Log = new("worker", Log, ConsoleLog),
            TimeProvider = Time,
            ScheduleClock = Time,
            Random = new Random(4711),
            Metrics = new(_services.GetRequiredService<IMeterFactory>()),
        });
    }

    public FakeTimeProvider Time { get; } = new(new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero));

    public FakeQueue Queue { get; } = new();

    public FakeStarter Starter { get; } = new();

    public ListLogger Log { get; } = new();

    public ListLogger ConsoleLog { get; } = new();

    public Dictionary<string, ListLogger> SlotLogs { get; } = [];

    public LocalJob Job { get; }

    /// <summary>How <see cref="Queue"/> is declared.</summary>
    public JobTrigger Trigger => new("jobs", Job.Options.MessageCount, Job.Options.ActivationMessageCount, Queue);

    public RunningJob Public => new(Job);

    public JobSnapshot Current => Job.State.Current;

    /// <summary>What computing the environment fails with, or null.</summary>
    public string? TemplateFailure { get; set; }

    public ListLogger SlotLog(string slot)
    {
        lock (SlotLogs)
        {
            return SlotLogs.TryGetValue(slot, out var log) ? log : SlotLogs[slot] = new();
        }
    }

    /// <summary>Starts the loop; its first poll is over when this returns.</summary>
    public async Task StartAsync(IReadOnlyList<JobTrigger>? triggers = null)
    {
        _loop = Job.RunAsync(triggers ?? [Trigger], _stopping.Token);
        await WaitForAsync("the first poll", snapshot => snapshot.Polls > 0);
    }

    /// <summary>Starts a job that no trigger scales.</summary>
    public async Task StartUnscaledAsync()
    {
        _loop = RunAsync();
        await WaitForAsync(
            "the job to be ready",
            snapshot => snapshot.Polls > 0 && (Job.Kind == JobKind.Manual || snapshot.NextScheduledTime is not null));

        async Task RunAsync()
        {
            try
            {
                await Job.RunUnscaledAsync(_stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                // The AppHost stops.
            }
        }
    }

    /// <summary>Lets the interval pass; the poll is over when this returns.</summary>
    public async Task PollAsync()
    {
        var before = Current.Polls;
        Time.Advance(TimeSpan.FromSeconds(2));
        await WaitForAsync("the next poll", snapshot => snapshot.Polls > before);
    }

    public Task<JobSnapshot> WaitForAsync(string reason, Func<JobSnapshot, bool> condition) =>
        Eventually.InTimeAsync(reason, Public.WaitForAsync(condition));

    /// <summary>What preparing a start throws, or null.</summary>
    public Exception? PrepareFailure { get; set; }

    public Task<WorkerProgram> LocateAsync(CancellationToken cancellationToken) => TemplateFailure is { } failure
        ? Task.FromException<WorkerProgram>(new WorkerProgramException(failure))
        : Task.FromResult(new WorkerProgram("dotnet", ["exec", "worker.dll"], "/src/worker") { Target = "worker.dll" });

    public Task<ReplicaTemplate> PrepareAsync(CancellationToken cancellationToken) => PrepareFailure is not null
        ? Task.FromException<ReplicaTemplate>(PrepareFailure)
        : TemplateFailure is { } failure
        ? Task.FromException<ReplicaTemplate>(new WorkerProgramException(failure))
        : Task.FromResult(new ReplicaTemplate(
            new WorkerProgram("dotnet", ["exec", "worker.dll"], "/src/worker") { Target = "worker.dll" }, ["--once"], [])
        {
            Inherited = new Dictionary<string, string> { ["PATH"] = "/bin" },
            ExportTelemetry = true,
        });

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        foreach (var replica in Starter.Replicas)
        {
            replica.End(0);
        }

        await Job.ShutDownAsync(CancellationToken.None);
        Job.Dispose();
        _stopping.Dispose();
        await _services.DisposeAsync();
    }

    private static EventJobOptions Options(Action<EventJobOptions>? configure)
    {
        var options = new EventJobOptions { MaxExecutions = 10 };
        configure?.Invoke(options);
        return options;
    }
}
