namespace KedaJobs.Worker.Handlers;

/// <summary>Does the work of one task. One instance serves all messages, several at once: keep no state of a job in it.</summary>
/// <typeparam name="TInput">What the task takes; it has been checked against the task's contract.</typeparam>
/// <typeparam name="TOutput">What the task gives: it goes to the queue that the message names as its ReplyTo.</typeparam>
public interface IJobHandler<TInput, TOutput>
{
    /// <summary>
    /// Handles one job. It may run more than once for the same job (delivery is at least once), so make repeating harmless. Any exception gives the
    /// message back to the queue, and after its last delivery to the dead-letter queue.
    /// </summary>
    /// <param name="input">The job's input.</param>
    /// <param name="job">What else there is to know about the job.</param>
    /// <param name="cancellationToken">Cancelled when the result is no longer wanted: end soon, the message goes back to the queue.</param>
    /// <exception cref="JobRejectedException">Trying again is useless: the message is dead-lettered now.</exception>
    Task<TOutput> HandleAsync(TInput input, JobContext job, CancellationToken cancellationToken);
}
