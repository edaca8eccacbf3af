using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;
using KedaJobs.Contracts;
using KedaJobs.ServiceBus;

namespace KedaJobs.Tests.Support;

/// <summary>The embedded broker with a jobs and a results queue, and a client to look into them.</summary>
internal sealed class JobsBroker : IAsyncDisposable
{
    private readonly ServiceBusBroker _broker;
    private readonly ServiceBusAdministrationClient _management;

    private JobsBroker(ServiceBusBroker broker)
    {
        _broker = broker;
        Client = new ServiceBusClient(broker.ConnectionString);
        _management = new ServiceBusAdministrationClient(broker.ConnectionString);
    }

    public ServiceBusClient Client { get; }

    public int Port => _broker.Port;

    public string JobsConnection => ConnectionTo("jobs");

    public string ResultsConnection => ConnectionTo("results");

    /// <param name="jobs">Changes the jobs queue: by default short locks and three deliveries, so that tests need not wait.</param>
    /// <param name="port">The port; 0 for a free one.</param>
    /// <param name="rules">Keys in place of the usual one.</param>
    public static async Task<JobsBroker> StartAsync(
        Func<QueueOptions, QueueOptions>? jobs = null, int port = 0, IReadOnlyList<SharedAccessRule>? rules = null)
    {
        var queue = new QueueOptions { Name = "jobs", LockDuration = TimeSpan.FromMinutes(1), MaxDeliveryCount = 3 };
        var options = new BrokerOptions
        {
            Port = port,
            Queues = [jobs?.Invoke(queue) ?? queue, new QueueOptions { Name = "results", RequiresDuplicateDetection = true }],
        };
        return new JobsBroker(await ServiceBusBroker.StartAsync(rules is null ? options : options with { Rules = rules }));
    }

    public static ServiceBusMessage Job(string id, string task, string input) => new(
        BinaryData.FromString($$"""{"task":"{{task}}","input":{{input}}}"""))
    {
        MessageId = id,
        Subject = task,
        ReplyTo = "results",
        ContentType = "application/json",
    };

    public async Task SendAsync(params ServiceBusMessage[] messages)
    {
        await using var sender = Client.CreateSender("jobs");
        await sender.SendMessagesAsync(messages);
    }

    /// <summary>Receives until that many results are there, and then makes sure that there is not another.</summary>
    public async Task<IReadOnlyList<JobResult>> TakeResultsAsync(int count)
    {
        await using var receiver = Client.CreateReceiver(
            "results", new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete });
        var results = new List<JobResult>();
        for (var more = true; more;)
        {
            var wait = results.Count < count ? Eventually.DefaultDeadline : TimeSpan.FromMilliseconds(200);
            var messages = await receiver.ReceiveMessagesAsync(1_000, wait);
            results.AddRange(messages.Select(message => JsonSerializer.Deserialize(message.Body, MessagesJsonContext.Default.JobResult)!));
            more = messages.Count > 0;
        }

        return results;
    }

    public async Task<QueueRuntimeProperties> CountsAsync(string queue = "jobs") => await _management.GetQueueRuntimePropertiesAsync(queue);

    public async Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekAsync(SubQueue subQueue = SubQueue.None, string queue = "jobs")
    {
        await using var receiver = Client.CreateReceiver(queue, new ServiceBusReceiverOptions { SubQueue = subQueue });
        return await receiver.PeekMessagesAsync(1_000);
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await _broker.DisposeAsync();
    }

    private string ConnectionTo(string queue) => $"{_broker.ConnectionString};EntityPath={queue}";
}
