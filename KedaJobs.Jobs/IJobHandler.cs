namespace KedaJobs.Jobs;

/// <summary>Does the work of one kind of message and returns a result.</summary>
/// <remarks>One instance handles all messages, several at the same time: keep the state of a message in local variables.</remarks>
/// <typeparam name="TInput">What the handler works on.</typeparam>
/// <typeparam name="TOutput">
/// The result. It goes to the queue that the message names in <c>ReplyTo</c>; a message without <c>ReplyTo</c> gets none.
/// </typeparam>
public interface IJobHandler<in TInput, TOutput>
{
    /// <summary>
    /// Handles one message. Delivery is at least once: the same message can arrive again, so repeating the work must do no harm. Any
    /// exception is a failed attempt: the message is tried again later, and dead-lettered after its last attempt.
    /// </summary>
    /// <param name="input">The input.</param>
    /// <param name="job">The message's id, the number of the attempt and the message itself.</param>
    /// <param name="cancellationToken">
    /// Canceled when the result is no longer wanted: the lock is lost, the time to handle a message is over, or the execution has to end.
    /// Stop as soon as possible; the message returns to the queue.
    /// </param>
    /// <returns>The result.</returns>
    /// <exception cref="JobRejectedException">The message can never succeed. It is dead-lettered without another attempt.</exception>
    Task<TOutput> HandleAsync(TInput input, JobContext job, CancellationToken cancellationToken);
}

/// <summary>Does the work of one kind of message and returns nothing: no result is sent.</summary>
/// <remarks>One instance handles all messages, several at the same time: keep the state of a message in local variables.</remarks>
/// <typeparam name="TInput">What the handler works on.</typeparam>
public interface IJobHandler<in TInput>
{
    /// <inheritdoc cref="IJobHandler{TInput, TOutput}.HandleAsync"/>
    /// <returns>A task that ends when the work is done.</returns>
    Task HandleAsync(TInput input, JobContext job, CancellationToken cancellationToken);
}
