using System.Globalization;
using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;

namespace KedaJobs.Hosting.Local.Entities;

/// <summary>The manual operations on a queue, a topic or a subscription.</summary>
internal sealed class EntityOperations(EntityTarget target, ServiceBusClient client, ServiceBusAdministrationClient administration)
{
    private const int BatchSize = 100;

    /// <summary>An application property of requeued messages that could not keep their message id.</summary>
    public const string OriginalMessageId = "OriginalMessageId";

    /// <summary>
    /// Properties that the Azure SDK leaves out of a copy: it would write this process's trace, but the message belongs to its sender's.
    /// </summary>
    private static readonly string[] TraceContext = ["Diagnostic-Id", "traceparent", "tracestate"];

    /// <summary>If nothing arrives for this long, the queue has no more messages.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan SessionPatience = TimeSpan.FromSeconds(3);

    /// <returns>The scheduled message's sequence number, or null for one that was sent at once.</returns>
    public async Task<long?> SendAsync(ServiceBusMessage message, DateTimeOffset? scheduledTime, CancellationToken cancellationToken)
    {
        await using var sender = client.CreateSender(target.SendPath);
        if (scheduledTime is { } time)
        {
            return await sender.ScheduleMessageAsync(message, time, cancellationToken).ConfigureAwait(false);
        }

        await sender.SendMessageAsync(message, cancellationToken).ConfigureAwait(false);
        return null;
    }

    public async Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekAsync(SubQueue subQueue, int count, CancellationToken cancellationToken)
    {
        await using var receiver = CreateReceiver(subQueue);
        var messages = new List<ServiceBusReceivedMessage>();
        while (messages.Count < count)
        {
            var page = await receiver.PeekMessagesAsync(
                count - messages.Count, messages.Count == 0 ? 0 : messages[^1].SequenceNumber + 1, cancellationToken).ConfigureAwait(false);
            if (page.Count == 0)
            {
                break;
            }

            messages.AddRange(page);
        }

        return messages;
    }

    /// <summary>Sends dead letters again and completes them, one by one: a crash in between sends one twice, and loses none.</summary>
    /// <returns>How many. Messages that are dead-lettered meanwhile stay there.</returns>
    public async Task<int> RequeueDeadLettersAsync(CancellationToken cancellationToken)
    {
        var (_, left) = await CountsAsync(cancellationToken).ConfigureAwait(false);
        var detectsDuplicates = await DetectsDuplicatesAsync(cancellationToken).ConfigureAwait(false);
        await using var receiver = CreateReceiver(SubQueue.DeadLetter);
        await using var sender = client.CreateSender(target.SendPath);
        var requeued = 0;
        while (left > 0)
        {
            var letters = await receiver.ReceiveMessagesAsync((int)Math.Min(BatchSize, left), Patience, cancellationToken)
                .ConfigureAwait(false);
            if (letters.Count == 0)
            {
                break;
            }

            foreach (var letter in letters)
            {
                await sender.SendMessageAsync(CopyOf(letter, detectsDuplicates), cancellationToken).ConfigureAwait(false);
                await receiver.CompleteMessageAsync(letter, cancellationToken).ConfigureAwait(false);
                requeued++;
            }

            left -= letters.Count;
        }

        return requeued;
    }

    /// <summary>
    /// Permanently deletes the messages that are there now: active ones, or dead letters. Messages
    /// that are locked, scheduled or deferred stay.
    /// </summary>
    /// <returns>How many were deleted.</returns>
    public async Task<long> PurgeAsync(SubQueue subQueue, CancellationToken cancellationToken)
    {
        var (active, deadLetters) = await CountsAsync(cancellationToken).ConfigureAwait(false);
        var left = subQueue is SubQueue.DeadLetter ? deadLetters : active;
        var purged = 0L;
        if (subQueue is SubQueue.DeadLetter || !await RequiresSessionAsync(cancellationToken).ConfigureAwait(false))
        {
            await using var receiver = client.CreateReceiver(
                target.ReceivePath,
                new ServiceBusReceiverOptions { SubQueue = subQueue, ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete });
            return await PurgeAsync(receiver, left, cancellationToken).ConfigureAwait(false);
        }

        while (purged < left)
        {
            ServiceBusSessionReceiver session;
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(SessionPatience);
            try
            {
                session = await AcceptNextSessionAsync(patience.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                break;
            }
            catch (ServiceBusException exception) when (exception.Reason is ServiceBusFailureReason.ServiceTimeout)
            {
                break;
            }

            await using (session)
            {
                purged += await PurgeAsync(session, left - purged, cancellationToken).ConfigureAwait(false);
            }
        }

        return purged;
    }

    /// <summary>
    /// A message with the dead letter's content and trace. If duplicates are detected, it needs a new
    /// id, or it would be accepted and dropped.
    /// </summary>
    public static ServiceBusMessage CopyOf(ServiceBusReceivedMessage letter, bool detectsDuplicates)
    {
        var copy = new ServiceBusMessage(letter);
        foreach (var name in TraceContext)
        {
            if (letter.ApplicationProperties.TryGetValue(name, out var value))
            {
                copy.ApplicationProperties[name] = value;
            }
        }

        if (detectsDuplicates)
        {
            // The same each time this dead letter is sent again, so that a retry after a failure enqueues no second copy.
            var id = string.Create(CultureInfo.InvariantCulture, $"requeued-{letter.SequenceNumber}-{letter.MessageId}");
            copy.MessageId = id.Length <= 128 ? id : id[..128];
            copy.ApplicationProperties.TryAdd(OriginalMessageId, letter.MessageId);
        }

        return copy;
    }

    private ServiceBusReceiver CreateReceiver(SubQueue subQueue) =>
        client.CreateReceiver(target.ReceivePath, new ServiceBusReceiverOptions { SubQueue = subQueue });

    private static async Task<long> PurgeAsync(ServiceBusReceiver receiver, long left, CancellationToken cancellationToken)
    {
        var purged = 0L;
        while (purged < left)
        {
            var messages = await receiver.ReceiveMessagesAsync((int)Math.Min(BatchSize, left - purged), Patience, cancellationToken)
                .ConfigureAwait(false);
            if (messages.Count == 0)
            {
                break;
            }

            purged += messages.Count;
        }

        return purged;
    }

    private Task<ServiceBusSessionReceiver> AcceptNextSessionAsync(CancellationToken cancellationToken)
    {
        var options = new ServiceBusSessionReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete };
        return target is EntityTarget.Subscription { Declared: var subscription }
            ? client.AcceptNextSessionAsync(subscription.Parent.TopicName, subscription.SubscriptionName, options, cancellationToken)
            : client.AcceptNextSessionAsync(target.SendPath, options, cancellationToken);
    }

    private async Task<(long Active, long DeadLetters)> CountsAsync(CancellationToken cancellationToken)
    {
        var counts = await EntityCounts.ReadAsync(administration, target, cancellationToken).ConfigureAwait(false);
        return (counts.Active ?? 0, counts.DeadLettered ?? 0);
    }

    private async Task<bool> RequiresSessionAsync(
        CancellationToken cancellationToken) => target is EntityTarget.Subscription { Declared: var declared }
        ? (await administration.GetSubscriptionAsync(declared.Parent.TopicName, declared.SubscriptionName, cancellationToken)
            .ConfigureAwait(false)).Value.RequiresSession
        : (await administration.GetQueueAsync(target.SendPath, cancellationToken).ConfigureAwait(false)).Value.RequiresSession;

    private async Task<bool> DetectsDuplicatesAsync(CancellationToken cancellationToken) => target is EntityTarget.Subscription
        ? (await administration.GetTopicAsync(target.SendPath, cancellationToken).ConfigureAwait(false)).Value.RequiresDuplicateDetection
        : (await administration.GetQueueAsync(target.SendPath, cancellationToken).ConfigureAwait(false)).Value.RequiresDuplicateDetection;
}
