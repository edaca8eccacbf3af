using System.Net.NetworkInformation;
using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Azure.Messaging.ServiceBus;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace KedaJobs.Tests.Hosting.Broker;

/// <summary>An AppHost whose broker containers and other machines may reach, when it says so.</summary>
public sealed class RemoteAccessTests
{
    // No container is started, and none could be everywhere: a job's container runs only when it is asked for.
    private const string Runtime = "--KedaJobs:Local:ContainerRuntime=true";
    private const string WellKnown = "SharedAccessKey=SAS_KEY_VALUE;";

    [Theory]
    [InlineData("a key of its own")]
    [InlineData(null)]
    public async Task Containers_get_a_key_that_is_good_from_elsewhere_and_processes_keep_the_emulators(string? given)
    {
        string[] arguments =
        [
            Runtime, "--KedaJobs:BrokerAcceptRemote=true", .. given is null ? Array.Empty<string>() : [$"--KedaJobs:BrokerKey={given}"],
        ];
        await using var builder = DistributedApplicationTestingBuilder.Create(arguments);
        var jobs = builder.AddAzureServiceBus("messaging").RunAsEmbedded().AddServiceBusQueue("jobs");
        var container = builder.AddContainer("box", "box").WithReference(jobs)
            .WithEnvironment("OWN", jobs).WithEnvironment("PLAIN", "text")
            .WithArgs("--to", new ConnectionStringReference(jobs.Resource, optional: false))
            .AsManualJob();
        var process = builder.AddExecutable("process", "true", ".").WithExplicitStart().WithReference(jobs);
        await using var app = await builder.BuildAsync();
        await app.StartAsync().WaitAsync(Eventually.DefaultDeadline);
        await app.ResourceNotifications.WaitForResourceAsync("messaging", KnownResourceStates.Running)
            .WaitAsync(Eventually.DefaultDeadline);

        var (ofContainer, containerArguments) = await ConfigurationOfAsync(app, container.Resource);
        var (ofProcess, _) = await ConfigurationOfAsync(app, process.Resource);
        var forContainer = ofContainer["ConnectionStrings__jobs"];
        Assert.StartsWith("Endpoint=sb://host.docker.internal:", forContainer, StringComparison.Ordinal);
        Assert.DoesNotContain(WellKnown, forContainer, StringComparison.Ordinal);
        Assert.Equal("text", ofContainer["PLAIN"]);
        Assert.DoesNotContain(WellKnown, string.Join('\n', ofContainer.Values.Concat(containerArguments)), StringComparison.Ordinal);
        Assert.Contains(containerArguments, argument => argument.Contains("SharedAccessKey=", StringComparison.Ordinal));
        Assert.Contains(WellKnown, ofProcess["ConnectionStrings__jobs"], StringComparison.Ordinal);
        if (given is not null)
        {
            Assert.Contains($"SharedAccessKey={given};", forContainer, StringComparison.Ordinal);
        }

        // As a container would: by the connection string, from an address that is not the loopback one.
        await SendAsync(forContainer.Replace("host.docker.internal", OwnAddress(), StringComparison.Ordinal));
        await SendAsync(ofProcess["ConnectionStrings__jobs"]);
        await Assert.ThrowsAsync<UnauthorizedAccessException>(
            () => SendAsync(ofProcess["ConnectionStrings__jobs"].Replace("localhost", OwnAddress(), StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Without_the_setting_only_this_machine_reaches_the_broker_and_containers_get_what_Aspire_writes()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create(Runtime);
        var jobs = builder.AddAzureServiceBus("messaging").RunAsEmbedded().AddServiceBusQueue("jobs");
        var container = builder.AddContainer("box", "box").WithReference(jobs).AsManualJob();
        await using var app = await builder.BuildAsync();
        await app.StartAsync().WaitAsync(Eventually.DefaultDeadline);
        await app.ResourceNotifications.WaitForResourceAsync("messaging", KnownResourceStates.Running)
            .WaitAsync(Eventually.DefaultDeadline);

        var connectionString = (await ConfigurationOfAsync(app, container.Resource)).Environment["ConnectionStrings__jobs"];

        Assert.Contains(WellKnown, connectionString, StringComparison.Ordinal);
        using var client = new TcpClient();
        var port = ServiceBusConnectionStringProperties.Parse(connectionString).Endpoint.Port;
        await Assert.ThrowsAsync<SocketException>(() => client.ConnectAsync(OwnAddress(), port));
    }

    private static async Task<(Dictionary<string, string> Environment, List<string> Arguments)> ConfigurationOfAsync(
        DistributedApplication app, IResource resource)
    {
        var configuration = await ExecutionConfigurationBuilder.Create(resource).WithEnvironmentVariablesConfig().WithArgumentsConfig()
            .BuildAsync(app.Services.GetRequiredService<DistributedApplicationExecutionContext>()).WaitAsync(Eventually.DefaultDeadline);
        Assert.Null(configuration.Exception);
        return (configuration.EnvironmentVariables.ToDictionary(), [.. configuration.Arguments.Select(argument => argument.Value)]);
    }

    private static async Task SendAsync(string connectionString)
    {
        await using var client = new ServiceBusClient(
            connectionString, new ServiceBusClientOptions { RetryOptions = { MaxRetries = 0, TryTimeout = TimeSpan.FromSeconds(20) } });
        await client.CreateSender("jobs").SendMessageAsync(new ServiceBusMessage("x"));
    }

    private static string OwnAddress() => NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(one => one.GetIPProperties().UnicastAddresses)
        .Select(one => one.Address)
        .First(address => address.AddressFamily == AddressFamily.InterNetwork && !System.Net.IPAddress.IsLoopback(address))
        .ToString();
}
