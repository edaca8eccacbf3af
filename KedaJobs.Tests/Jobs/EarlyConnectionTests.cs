using Azure.Messaging.ServiceBus;
using KedaJobs.Jobs;
using KedaJobs.Jobs.Hosting;
using KedaJobs.ServiceBus;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace KedaJobs.Tests.Jobs;

/// <summary>What a job opens while its host is being built, with the real client against the embedded broker.</summary>
public sealed class EarlyConnectionTests : IAsyncLifetime
{
    private readonly FakeLogCollector _brokerLog = new();
    private readonly FakeLogCollector _jobLog = new();
    private ServiceBusBroker _broker = null!;

    public async Task InitializeAsync()
    {
        using var logs = LoggerFactory.Create(
            logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(new FakeLoggerProvider(_brokerLog)));
        _broker = await ServiceBusBroker.StartAsync(
            new BrokerOptions { Queues = [new QueueOptions { Name = "jobs" }, new QueueOptions { Name = "results" }] }, logs);
    }

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task The_link_for_results_is_asked_for_before_the_host_is_built()
    {
        _ = Builder(resultsQueue: "missing");

        await Eventually.SucceedsAsync("the broker is asked for the queue that results go to", () => Assert.Contains(
            _brokerLog.GetSnapshot(), line => line.Message.Contains("'missing'", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_link_that_cannot_be_opened_fails_no_job_that_does_not_need_it()
    {
        await SendAsync(new ServiceBusMessage("""{"n":1}"""));
        using var host = Builder(resultsQueue: "missing").Build();

        Assert.Equal(0, await host.RunQueueJobAsync());

        Assert.Contains(
            _jobLog.GetSnapshot(), line => line.Level == LogLevel.Debug && line.Message.Contains("in advance", StringComparison.Ordinal));
        Assert.Equal(0, await WaitingAsync());
    }

    [Fact]
    public async Task A_host_that_is_never_started_takes_no_message()
    {
        await SendAsync(new ServiceBusMessage("""{"n":1}"""));

        using (Builder(resultsQueue: "results").Build())
        {
            await using var client = new ServiceBusClient(_broker.ConnectionString);
            await using var receiver = client.CreateReceiver("jobs");
            var message = await receiver.ReceiveMessageAsync(Eventually.DefaultDeadline);
            Assert.Equal(1, message?.DeliveryCount);
        }
    }

    [Fact]
    public async Task The_end_of_the_host_closes_the_connection()
    {
        await SendAsync(new ServiceBusMessage("""{"n":1}"""));
        var builder = Builder(resultsQueue: "results");
        var clients = (ServiceBusClients)((IHostApplicationBuilder)builder).Properties[typeof(ServiceBusClients)];
        using var host = builder.Build();

        await host.RunQueueJobAsync();

        Assert.True(clients.Get(QueueConnection.Parse(_broker.ConnectionString), "jobs", new QueueJobOptions()).IsClosed);
    }

    private HostApplicationBuilder Builder(string resultsQueue)
    {
        var builder = QueueJobHost.CreateBuilder(
        [
            "--ConnectionStrings:jobs", $"{_broker.ConnectionString};EntityPath=jobs",
            "--ConnectionStrings:results", $"{_broker.ConnectionString};EntityPath={resultsQueue}",
            "--QueueJob:ResultsConnection", "results",
            "--QueueJob:MessageBudget", "1",
            "--Logging:LogLevel:Default", "Debug",
        ]);
        builder.Services.AddSingleton<ILoggerProvider>(new FakeLoggerProvider(_jobLog));
        builder.AddQueueJob("jobs").AddDefaultHandler(_ => new Handler());
        return builder;
    }

    private async Task SendAsync(ServiceBusMessage message)
    {
        await using var client = new ServiceBusClient(_broker.ConnectionString);
        await client.CreateSender("jobs").SendMessageAsync(message);
    }

    private async Task<int> WaitingAsync()
    {
        await using var client = new ServiceBusClient(_broker.ConnectionString);
        return (await client.CreateReceiver("jobs").PeekMessagesAsync(10)).Count;
    }

    private sealed class Handler : IJobHandler<ServiceBusReceivedMessage>
    {
        public Task HandleAsync(ServiceBusReceivedMessage input, JobContext job, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
