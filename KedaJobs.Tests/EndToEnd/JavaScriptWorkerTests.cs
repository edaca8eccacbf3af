using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Azure.Messaging.ServiceBus;
using KedaJobs.Scaling.Executions;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.EndToEnd;

/// <summary>A worker in JavaScript, on the official client, from message to result.</summary>
public sealed class JavaScriptWorkerTests : IDisposable
{
    private const int Messages = 12;

    private static readonly string Client = Path.Combine(Repository.Root, ".tools", "conformance");

    // Beside the installed client, where Node.js finds its packages.
    private readonly string _folder = Path.Combine(Client, $"worker-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Fact]
    public async Task Messages_start_executions_that_handle_each_of_them_once_and_end()
    {
        Assert.True(
            File.Exists(Path.Combine(Client, "installed")),
            $"The JavaScript client is not in {Client}: run ./test once, it installs the client there.");
        Directory.CreateDirectory(_folder);
        File.Copy(Path.Combine(Repository.Root, "KedaJobs.Tests", "EndToEnd", "worker.mjs"), Path.Combine(_folder, "worker.mjs"));
        await using var builder = DistributedApplicationTestingBuilder.Create("--KedaJobs:Local:PollingInterval=00:00:00.2");
        var messaging = builder.AddAzureServiceBus("messaging").RunAsEmbedded();
        var jobs = messaging.AddServiceBusQueue("jobs", "the-jobs");
        var results = messaging.AddServiceBusQueue("results");
        // Relative, as an AppHost writes it.
        var folder = Path.GetRelativePath(builder.AppHostDirectory, _folder);
        builder.AddExecutable("thumbnails", "node", folder, "worker.mjs", "hello").WithReference(jobs).WithReference(results)
            .AsEventJob(jobs, job => (job.MessageCount, job.MaxExecutions) = (5, 3));
        await using var app = await builder.BuildAsync();
        await app.StartAsync().WaitAsync(Eventually.DefaultDeadline);
        var job = app.GetJob("thumbnails");
        await using var client = new ServiceBusClient(await app.GetConnectionStringAsync("messaging"));
        await using var sender = client.CreateSender("the-jobs");
        await sender.SendMessagesAsync(
            Enumerable.Range(1, Messages).Select(number => new ServiceBusMessage($"no. {number}") { MessageId = $"m-{number}" }));

        await using var receiver = client.CreateReceiver("results");
        var received = new Dictionary<string, string>();
        while (received.Count < Messages)
        {
            var result = await receiver.ReceiveMessageAsync(Eventually.DefaultDeadline);
            Assert.True(
                result is not null,
                $"Only {received.Count} results came. "
                    + $"{string.Join('\n', job.Current.Executions.SelectMany(execution => job.GetLog(execution.Name)))}");
            await receiver.CompleteMessageAsync(result);
            received.Add(result.MessageId, result.Body.ToString());
        }

        var idle = await job.WaitForIdleAsync(Eventually.DefaultDeadline);

        // The client writes a text as JSON.
        Assert.Equal(
            Enumerable.Range(1, Messages).Select(number => $"m-{number}: hello no. {number} from thumbnails").Order(),
            received.Select(result => $"{result.Key}: {result.Value.Trim('"')}").Order());
        Assert.All(idle.Executions, execution => Assert.Equal((ExecutionStatus.Succeeded, 0), (execution.Status, execution.ExitCode)));
        Assert.InRange(idle.Executions.Length, 1, 12);
        Assert.Equal(0, idle.DeadLetters);
    }
}
