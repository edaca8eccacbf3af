using Azure.Messaging.ServiceBus;

namespace KedaJobs.Producer.Jobs;

/// <summary>Messages in as many batches as the broker's message limit makes necessary, in their order.</summary>
internal sealed class MessageBatches : IDisposable
{
    private readonly List<(ServiceBusMessageBatch Batch, IReadOnlyList<int> Messages)> _batches = [];
    private readonly List<int> _tooLarge = [];

    private MessageBatches()
    {
    }

    /// <summary>Each batch with the indexes of its messages.</summary>
    public IReadOnlyList<(ServiceBusMessageBatch Batch, IReadOnlyList<int> Messages)> All => _batches;

    /// <summary>Indexes of messages that are larger than a message may be.</summary>
    public IReadOnlyList<int> TooLarge => _tooLarge;

    /// <summary>The limit in bytes, known once there is a batch.</summary>
    public long MaxSizeInBytes { get; private set; }

    public static async Task<MessageBatches> PackAsync(
        ServiceBusSender sender, IReadOnlyList<ServiceBusMessage> messages, CancellationToken cancellationToken)
    {
        var batches = new MessageBatches();
        try
        {
            await batches.FillAsync(sender, messages, cancellationToken);
            return batches;
        }
        catch
        {
            batches.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var (batch, _) in _batches)
        {
            batch.Dispose();
        }
    }

    private async Task FillAsync(ServiceBusSender sender, IReadOnlyList<ServiceBusMessage> messages, CancellationToken cancellationToken)
    {
        ServiceBusMessageBatch? batch = null;
        var inBatch = new List<int>();
        for (var index = 0; index < messages.Count; index++)
        {
            if (batch is not null && batch.TryAddMessage(messages[index]))
            {
                inBatch.Add(index);
                continue;
            }

            // A batch that holds nothing and still refuses the message is as good as a new one.
            if (batch is null || batch.Count > 0)
            {
                batch = await sender.CreateMessageBatchAsync(cancellationToken);
                inBatch = [];
                _batches.Add((batch, inBatch));
                MaxSizeInBytes = batch.MaxSizeInBytes;
            }

            (batch.TryAddMessage(messages[index]) ? inBatch : _tooLarge).Add(index);
        }
    }
}
