using KedaJobs.Scaling.Rules;

namespace KedaJobs.Hosting.Local.Polling;

/// <summary>Reads a cron rule: only the clock matters.</summary>
internal sealed class CronReader(CronTrigger trigger, TimeProvider clock) : ITriggerReader
{
    public Task<TriggerCounts> ReadAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new TriggerCounts(trigger.Read(clock.GetUtcNow()).Length));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
