using KedaJobs.Contracts;
using KedaJobs.Jobs;

namespace KedaJobs.Worker.Handlers;

/// <summary>Waits, without holding a thread.</summary>
internal sealed class DelayHandler(TimeProvider time) : IJobHandler<DelayInput, DelayOutput>
{
    public async Task<DelayOutput> HandleAsync(DelayInput input, JobContext job, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        await Task.Delay(TimeSpan.FromSeconds(input.Seconds!.Value), time, cancellationToken);
        return new DelayOutput { Seconds = time.GetElapsedTime(start).TotalSeconds };
    }
}
