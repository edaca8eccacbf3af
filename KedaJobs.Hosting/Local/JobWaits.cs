using System.Globalization;
using System.Text;
using Azure.Messaging.ServiceBus;
using KedaJobs.Hosting.Local.Polling;
using KedaJobs.Scaling.Executions;

namespace KedaJobs.Hosting.Local;

/// <summary>Waits for a condition of a job. A wait that times out reports the state of the job.</summary>
internal static class JobWaits
{
    /// <summary>Lines of the last executions' logs that a time-out shows.</summary>
    private const int LogLines = 10;

    /// <summary>Waits until the change that <paramref name="find"/> finds something in.</summary>
    public static Task<T> ForAsync<T>(
        LocalJob job, Func<JobSnapshot, T?> find, string what, TimeSpan? timeout, CancellationToken cancellationToken)
        where T : class =>
        ForAsync(job, (snapshot, _) => ValueTask.FromResult(find(snapshot)), what, timeout, cancellationToken);

    /// <summary>Waits until a message is in a dead-letter queue, or no longer in any queue.</summary>
    /// <returns>The dead letter, or null when the message has left.</returns>
    public static async Task<ServiceBusReceivedMessage?> ForMessageAsync(
        LocalJob job, string messageId, bool isDeadLetterWanted, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var finders =
            (await job.Triggers.WaitAsync(timeout ?? Timeout.InfiniteTimeSpan, job.TimeProvider, cancellationToken).ConfigureAwait(false))
                .Select(trigger => trigger.Trigger.Reader).OfType<IMessageFinder>().ToList();
        if (finders.Count == 0)
        {
            throw new JobException($"'{job.Name}' has no trigger with messages.");
        }

        return (await ForAsync(
            job,
            async (_, token) =>
            {
                var places = new List<MessagePlace>();
                foreach (var finder in finders)
                {
                    places.Add(await finder.FindAsync(messageId, token).ConfigureAwait(false));
                }

                return places.Find(place => place.DeadLetter is not null)
                    ?? (places.TrueForAll(place => !place.IsInQueue) ? places[0] : null);
            },
            $"message '{messageId}' to be {(isDeadLetterWanted ? "dead-lettered" : "completed")}",
            timeout,
            cancellationToken).ConfigureAwait(false)).DeadLetter;
    }

    /// <summary>A description of the job, for the message of a time-out.</summary>
    public static string Describe(LocalJob job)
    {
        var snapshot = job.State.Current;
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture,
            $"Event job '{job.Name}': {snapshot.Status}{(snapshot.IsPaused ? ", scaling is paused" : "")}, {snapshot.Polls} polls, "
                + $"{snapshot.Counts.Running} executions running, {snapshot.FinishedExecutions} ended.");
        foreach (var trigger in snapshot.Triggers)
        {
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"  {trigger.Name}: {Count(trigger.Length)} active, {Count(trigger.DeadLetters)} dead-lettered");
        }

        AppendIf(text, "  Last decision: ", snapshot.LastReason);
        AppendIf(text, "  Problem: ", snapshot.Problem);
        AppendIf(text, "  Runaway: ", snapshot.Runaway is { } runaway ? $"{runaway.Reason} {runaway.Cure}" : null);
        foreach (var execution in snapshot.Executions.TakeLast(LogLines))
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"  {execution.Name}: {execution.Status.InPlainWords()}, "
                    + $"exit code {execution.ExitCode?.ToString(CultureInfo.InvariantCulture) ?? "none"}, "
                    + $"created {execution.State.CreatedAt:HH:mm:ss.fff}{(execution.State.Reason is { } reason ? $", {reason}" : "")}");
        }

        if (snapshot.Executions is [.., var last])
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  Last lines of {last.Name}:");
            foreach (var line in job.LogOf(last.Name).TakeLast(LogLines))
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"    {line}");
            }
        }

        return text.ToString().TrimEnd();
    }

    private static async Task<T> ForAsync<T>(
        LocalJob job, Func<JobSnapshot, CancellationToken, ValueTask<T?>> find, string what, TimeSpan? timeout,
        CancellationToken cancellationToken)
        where T : class
    {
        using var deadline = timeout is { } limit ? new CancellationTokenSource(limit, job.TimeProvider) : new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await foreach (var snapshot in job.State.WatchAsync(either.Token).ConfigureAwait(false))
            {
                if (await find(snapshot, either.Token).ConfigureAwait(false) is { } found)
                {
                    return found;
                }
            }
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            var state = $"Waited for {what}.{Environment.NewLine}{Describe(job)}";
            throw cancellationToken.IsCancellationRequested
                ? new OperationCanceledException($"The wait was canceled. {state}", cancellationToken)
                : new TimeoutException(
                    $"Not within {timeout!.Value.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s. {state}");
        }

        throw new JobStoppedException(job.Name, Describe(job));
    }

    private static string Count(long? count) => count?.ToString(CultureInfo.InvariantCulture) ?? "unknown";

    private static void AppendIf(StringBuilder text, string label, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            text.Append(label).AppendLine(value);
        }
    }
}
