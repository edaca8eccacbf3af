using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
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
    private const string Key = "SharedAccessKeyName=a;SharedAccessKey=b;UseDevelopmentEmulator=true";

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

    [Fact]
    public async Task The_end_of_a_host_that_never_started_closes_the_connection()
    {
        var host = Builder(resultsQueue: "results").Build();
        await Eventually.SucceedsAsync("the connection is open", () => Assert.Equal(1, OpenConnections()));

        host.Dispose();

        await Eventually.SucceedsAsync("the connection is closed", () => Assert.Equal(0, OpenConnections()));
    }

    [Fact]
    public async Task The_end_of_a_host_closes_a_connection_that_is_still_being_opened()
    {
        using var slow = new TcpListener(IPAddress.Loopback, 0);
        slow.Start();
        var port = ((IPEndPoint)slow.LocalEndpoint).Port;
        var host = Builder(resultsQueue: "results", $"Endpoint=sb://127.0.0.1:{port};{Key}").Build();
        using var client = await Eventually.InTimeAsync("the client connects", slow.AcceptTcpClientAsync());

        await Eventually.InTimeAsync("the host does not wait for the other end", Task.Run(() =>
        {
            host.Dispose();
            return true;
        }));

        // Only now does the other end answer.
        using var server = new TcpClient("localhost", _broker.Port);
        var answers = server.GetStream().CopyToAsync(client.GetStream());
        await Eventually.InTimeAsync("the client closes the connection", EndOf(client.GetStream().CopyToAsync(server.GetStream())));
        server.Client.Shutdown(SocketShutdown.Send);
        await Eventually.InTimeAsync("the broker, too", EndOf(answers));

        static async Task<bool> EndOf(Task copying)
        {
            await copying;
            return true;
        }
    }

    [Fact]
    public async Task The_end_of_a_host_closes_a_client_that_is_still_being_created()
    {
        using var isCreating = new ManualResetEventSlim();
        using var isReleased = new ManualResetEventSlim();
        var builder = Builder(resultsQueue: "results", configure: options => options.ConfigureClient = _ =>
        {
            isCreating.Set();
            isReleased.Wait();
        });
        var clients = (ServiceBusClients)((IHostApplicationBuilder)builder).Properties[typeof(ServiceBusClients)];
        var host = builder.Build();
        await Eventually.SucceedsAsync("the client is being created", () => Assert.True(isCreating.IsSet));

        var end = ((IAsyncDisposable)host).DisposeAsync();
        Assert.False(end.IsCompleted);
        isReleased.Set();
        await end;

        Assert.True(clients.Get(QueueConnection.Parse(_broker.ConnectionString), "results", new QueueJobOptions()).IsClosed);
    }

    [Fact]
    public async Task A_client_that_cannot_be_created_fails_who_needs_it_but_not_the_end_of_the_host()
    {
        await using var connection = new EarlyConnection(() => throw new QueueJobConfigurationException("wrong"), "results");
        var log = new FakeLogCollector();
        using var logs = LoggerFactory.Create(
            logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(new FakeLoggerProvider(log)));

        await connection.ReportAsync(logs.CreateLogger("job"));

        Assert.Equal("wrong", Assert.Single(log.GetSnapshot()).Exception?.Message);
        Assert.Equal("wrong", Assert.Throws<QueueJobConfigurationException>(() => connection.Client).Message);
    }

    private int OpenConnections() => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
        .Count(connection => connection.LocalEndPoint.Port == _broker.Port && connection.State == TcpState.Established);

    private HostApplicationBuilder Builder(
        string resultsQueue, string? results = null, Action<QueueJobOptions>? configure = null)
    {
        var builder = QueueJobHost.CreateBuilder(
        [
            "--ConnectionStrings:jobs", $"{_broker.ConnectionString};EntityPath=jobs",
            "--ConnectionStrings:results", $"{results ?? _broker.ConnectionString};EntityPath={resultsQueue}",
            "--QueueJob:ResultsConnection", "results",
            "--QueueJob:MessageBudget", "1",
            "--Logging:LogLevel:Default", "Debug",
        ]);
        builder.Services.AddSingleton<ILoggerProvider>(new FakeLoggerProvider(_jobLog));
        builder.AddQueueJob("jobs", configure).AddDefaultHandler(_ => new Handler());
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
