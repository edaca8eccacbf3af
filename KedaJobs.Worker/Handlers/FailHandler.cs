using KedaJobs.Contracts;
using KedaJobs.Jobs;

namespace KedaJobs.Worker.Handlers;

/// <summary>Fails as it is told to: always, for good, or a number of times.</summary>
internal sealed class FailHandler : IJobHandler<FailInput, FailOutput>
{
    public Task<FailOutput> HandleAsync(FailInput input, JobContext job, CancellationToken cancellationToken)
    {
        if (input.Permanent)
        {
            throw new JobRejectedException("AskedToFail", input.Message);
        }

        return job.Attempt > input.Times
            ? Task.FromResult(new FailOutput { Attempt = job.Attempt })
            : throw new InvalidOperationException(input.Message);
    }
}
