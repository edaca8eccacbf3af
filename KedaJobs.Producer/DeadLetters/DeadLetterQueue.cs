using System.Runtime.ExceptionServices;
using Azure.Messaging.ServiceBus;
using KedaJobs.Contracts;
using KedaJobs.Producer.Jobs;
using KedaJobs.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace KedaJobs.Producer.DeadLetters;

/// <summary>The dead-letter queue of the jobs queue.</summary>
internal sealed class DeadLetterQueue(
    [FromKeyedServices(ConnectionNames.Jobs)] ServiceBusQueue jobs,
    JobSender sender,
    IOptions<ProducerOptions> options,
    TimeProvider time,
    ILogger<DeadLetterQueue> logger) : IAsyncDisposable
{
    /// <summary>Put back in portions of this size, so that a failure leaves little half done.</summary>
    private const int Portion = 100;

    private static readonly TimeSpan ReceiveWait = TimeSpan.FromMilliseconds(500);
    private static readonly ServiceBusReceiverOptions DeadLetters = new() { SubQueue = SubQueue.DeadLetter };
    private readonly ServiceBusReceiver _peeker = jobs.Client.CreateReceiver(jobs.Name, DeadLetters);
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>Looks at the oldest ones; they stay where they are.</summary>
    public async Task<IReadOnlyList<DeadLetter>> PeekAsync(int max, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.Value.BrokerDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var letters = new List<DeadLetter>();
        for (long next = 0; letters.Count < max;)
        {
            var messages = await _peeker.PeekMessagesAsync(max - letters.Count, next, either.Token);
            if (messages.Count == 0)
            {
                break;
            }

            letters.AddRange(messages.Select(DeadLetter.Of));
            next = messages[^1].SequenceNumber + 1;
        }

        return letters;
    }

    /// <summary>
    /// Sends copies to the jobs queue, then removes the dead letters: a failure in between leaves a job twice, never lost.
    /// </summary>
    /// <param name="id">Only jobs of this id; null for all.</param>
    /// <param name="max">The most to put back.</param>
    /// <param name="cancellationToken">Ends it after the portion at work.</param>
    /// <remarks>Ends after <see cref="ProducerOptions.RequeueTime"/>, whatever is left.</remarks>
    public async Task<RequeueReport> RequeueAsync(string? id, int max, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            using var budget = new CancellationTokenSource(options.Value.RequeueTime, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, cancellationToken);
            if (id is null)
            {
                return await PutBackAsync(new RequeueRun(null), max, either.Token);
            }

            var search = await SearchAsync(id, either.Token);
            var report = search.Found.Count == 0
                ? new RequeueReport([], IsComplete: true, null)
                : await PutBackAsync(new RequeueRun(search.Found.Order().Take(max).ToHashSet()), max, either.Token);
            return report with { LookedAt = search.IsAtLimit ? search.Letters : null };
        }
        catch (Exception e)
        {
            return new RequeueReport([], IsComplete: false, e);
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _peeker.DisposeAsync();
        _gate.Dispose();
    }

    private async Task<DeadLetterSearch> SearchAsync(string id, CancellationToken cancellationToken)
    {
        var search = new DeadLetterSearch(id);
        for (long next = 0; !search.IsAtLimit;)
        {
            using var deadline = new CancellationTokenSource(options.Value.BrokerDeadline, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            var page = await _peeker.PeekMessagesAsync(Portion, next, either.Token);
            if (page.Count == 0)
            {
                break;
            }

            search.Look(page);
            next = page[^1].SequenceNumber + 1;
        }

        return search;
    }

    private async Task<RequeueReport> PutBackAsync(RequeueRun run, int max, CancellationToken cancellationToken)
    {
        // A receiver of its own: closing it gives back what came and was not looked at.
        await using var receiver = jobs.Client.CreateReceiver(jobs.Name, DeadLetters);
        try
        {
            // Letters that came in front since the search may use up the limit; the report then says that it is not complete.
            while (run.Requeued.Count < max
                && run.PassedOver.Count < DeadLetterSearch.MaxLetters
                && !run.IsOver
                && !cancellationToken.IsCancellationRequested)
            {
                var messages = await ReceiveAsync(receiver, run.IsSelective ? Portion : Math.Min(Portion, max - run.Requeued.Count));
                await PutBackAsync(receiver, run.Choose(messages), run);
            }

            return new RequeueReport(run.Requeued, run.IsComplete || run.Requeued.Count >= max, null);
        }
        catch (Exception e)
        {
            return new RequeueReport(run.Requeued, IsComplete: false, e);
        }
        finally
        {
            await SettleAsync(run.PassedOver, message => receiver.AbandonMessageAsync(message, cancellationToken: CancellationToken.None));
        }
    }

    private async Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveAsync(ServiceBusReceiver receiver, int max)
    {
        using var deadline = new CancellationTokenSource(options.Value.BrokerDeadline, time);
        return await receiver.ReceiveMessagesAsync(max, ReceiveWait, deadline.Token);
    }

    private async Task PutBackAsync(ServiceBusReceiver receiver, IReadOnlyList<ServiceBusReceivedMessage> letters, RequeueRun run)
    {
        if (letters.Count == 0)
        {
            return;
        }

        SendReport report;
        try
        {
            using var batches = await sender.PackAsync([.. letters.Select(RequeueRun.CopyOf)]);
            report = await sender.SendAsync(batches);
        }
        catch (Exception)
        {
            run.PassedOver.AddRange(letters);
            throw;
        }

        var accepted = report.Accepted.Select(index => letters[index]).ToList();
        run.PassedOver.AddRange(letters.Except(accepted));
        foreach (var letter in accepted)
        {
            run.MarkRequeued(letter);
            logger.Requeued(JobMessages.IdOf(letter), letter.SequenceNumber, letter.DeadLetterReason ?? "no reason");
        }

        await SettleAsync(accepted, letter => receiver.CompleteMessageAsync(letter, CancellationToken.None));
        if (report.Failure is not null)
        {
            ExceptionDispatchInfo.Throw(report.Failure);
        }
    }

    // What cannot be settled comes back when its lock expires.
    private Task SettleAsync(IEnumerable<ServiceBusReceivedMessage> messages, Func<ServiceBusReceivedMessage, Task> settle) =>
        Task.WhenAll(messages.Select(async message =>
        {
            try
            {
                await settle(message);
            }
            catch (Exception e)
            {
                logger.SettleFailed(e, message.MessageId);
            }
        }));
}

/// <summary>What requeueing came to.</summary>
/// <param name="Ids">Ids of the jobs that were put back.</param>
/// <param name="IsComplete">Whether everything that was asked for, and seen, was put back.</param>
/// <param name="Failure">Why it ended early; null when it did not.</param>
/// <param name="LookedAt">How many letters the search for an id was limited to; null when it has seen all of them.</param>
internal sealed record RequeueReport(IReadOnlyList<string> Ids, bool IsComplete, Exception? Failure, int? LookedAt = null);
