using System.Text.Json;
using Azure.Messaging.ServiceBus;
using KedaJobs.Contracts;
using KedaJobs.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace KedaJobs.Producer.Jobs;

/// <summary>Puts messages on the jobs queue.</summary>
internal sealed class JobSender(
    [FromKeyedServices(ConnectionNames.Jobs)] ServiceBusQueue jobs,
    [FromKeyedServices(ConnectionNames.Results)] ServiceBusQueue results,
    IOptions<ProducerOptions> options,
    TimeProvider time,
    ILogger<JobSender> logger) : IAsyncDisposable
{
    private readonly ServiceBusSender _sender = jobs.Client.CreateSender(jobs.Name);

    public ServiceBusMessage MessageOf(Job job) => new(JsonSerializer.SerializeToUtf8Bytes(
        new JobMessage { Task = job.Task.Name, Input = job.Input }, MessagesJsonContext.Default.JobMessage))
    {
        // Identity and key for duplicate detection: sending a job again under its id is safe where the queue has that.
        MessageId = job.Id,
        Subject = job.Task.Name,
        ContentType = "application/json",
        ReplyTo = results.Name,
    };

    public async Task<MessageBatches> PackAsync(IReadOnlyList<ServiceBusMessage> messages)
    {
        using var deadline = new CancellationTokenSource(options.Value.BrokerDeadline, time);
        return await MessageBatches.PackAsync(_sender, messages, deadline.Token);
    }

    /// <summary>
    /// Sends batch after batch and stops at the first that fails. The caller's going away does not stop it: half a
    /// request would be enqueued and nobody told.
    /// </summary>
    public async Task<SendReport> SendAsync(MessageBatches batches)
    {
        var accepted = new List<int>();
        for (var number = 0; number < batches.All.Count; number++)
        {
            var (batch, messages) = batches.All[number];
            try
            {
                using var deadline = new CancellationTokenSource(options.Value.BrokerDeadline, time);
                await _sender.SendMessagesAsync(batch, deadline.Token);
                accepted.AddRange(messages);
            }
            catch (Exception e)
            {
                logger.BatchFailed(e, number + 1, batches.All.Count);
                return new SendReport(accepted, messages, [.. batches.All.Skip(number + 1).SelectMany(later => later.Messages)], e);
            }
        }

        return new SendReport(accepted, [], [], null);
    }

    public ValueTask DisposeAsync() => _sender.DisposeAsync();
}

/// <summary>What became of messages, by their indexes.</summary>
/// <param name="Accepted">The broker has them.</param>
/// <param name="Unconfirmed">The batch that failed: an answer that was lost looks like one that was never given.</param>
/// <param name="NotSent">Those after it.</param>
/// <param name="Failure">Why it stopped; null when everything was accepted.</param>
internal sealed record SendReport(
    IReadOnlyList<int> Accepted, IReadOnlyList<int> Unconfirmed, IReadOnlyList<int> NotSent, Exception? Failure);
