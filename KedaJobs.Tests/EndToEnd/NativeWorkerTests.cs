using System.Globalization;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Azure.Messaging.ServiceBus;
using KedaJobs.Contracts;
using KedaJobs.Scaling.Executions;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.EndToEnd;

/// <summary>The worker as native code, in executions that the local KEDA starts.</summary>
public sealed class NativeWorkerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private static readonly (string Task, string Input, int Attempts)[] Tasks =
    [
        ("wordcount", """{"text":"To be, or not to be."}""", 1),
        ("primes", """{"upTo":1000}""", 1),
        ("delay", """{"seconds":0.001}""", 1),
        ("fail", """{"times":1}""", 2),
    ];

    /// <summary>Messages of each task; KEDAJOBS_TEST_MESSAGES sets another number.</summary>
    private static int Messages =>
        int.Parse(Environment.GetEnvironmentVariable("KEDAJOBS_TEST_MESSAGES") ?? "10000", CultureInfo.InvariantCulture);

    [NativeWorkerFact]
    public async Task Every_message_of_every_task_has_one_result_and_a_complete_trace()
    {
        await using var traces = await TraceCollector.StartAsync();
        await using var builder = DistributedApplicationTestingBuilder.Create("--KedaJobs:Local:PollingInterval=00:00:01");
        var messaging = builder.AddAzureServiceBus("messaging").RunAsEmbedded();
        var jobs = messaging.AddServiceBusQueue("jobs").WithProperties(queue =>
        {
            queue.MaxDeliveryCount = 5;
            queue.LockDuration = TimeSpan.FromMinutes(5);
        });
        // Without duplicate detection: a second result would be seen.
        var results = messaging.AddServiceBusQueue("results");
        var program = NativeWorkerFactAttribute.Program!;
        builder.AddExecutable("worker", program, Path.GetDirectoryName(program)!)
            .WithReference(jobs).WithReference(results)
            .WithEnvironment("QueueJob__Concurrency", "32")
            .WithEnvironment("QueueJob__RetryDelay", "00:00:01")
            .WithEnvironment("Logging__LogLevel__KedaJobs", "Error")
            .WithEnvironment("OTEL_EXPORTER_OTLP_ENDPOINT", traces.Endpoint)
            .WithEnvironment("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
            // Without a dashboard, the local KEDA turns the export off unless somebody says otherwise.
            .WithEnvironment("OTEL_SDK_DISABLED", "false")
            // The exporter drops spans that come faster than it sends them.
            .WithEnvironment("OTEL_BSP_MAX_QUEUE_SIZE", "1000000")
            .AsEventJob(jobs, job =>
            {
                job.MessageCount = 1_000;
                job.MaxExecutions = 4;
            })
            .WithJobLibrary();
        await using var app = await builder.BuildAsync();
        await app.StartAsync().WaitAsync(Patience);
        await using var client = new ServiceBusClient(await app.GetConnectionStringAsync("messaging"));

        await SendAsync(client);
        var seen = await TakeResultsAsync(client);
        var idle = await app.GetJob("worker").WaitForIdleAsync(Patience);

        foreach (var (task, _, attempts) in Tasks)
        {
            var ofTask = seen.Where(result => result.Task == task).ToList();
            Assert.Equal(
                Enumerable.Range(0, Messages).Select(number => $"{task}-{number}").Order(), ofTask.Select(result => result.Id).Order());
            Assert.All(ofTask, result => Assert.Equal(attempts, result.Attempt));
        }

        Assert.Equal(0, idle.DeadLetters);
        Assert.All(idle.Executions, execution => Assert.Equal(ExecutionStatus.Succeeded, execution.Status));
        await using var receiver = client.CreateReceiver("results");
        Assert.Null(await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(1)));
        var incomplete = Enumerable.Range(0, Tasks.Length)
            .SelectMany(task => Enumerable.Range(0, Messages).Select(number => (Task: task, Number: number)))
            .Where(message => traces.Count(TraceId(message.Task, message.Number), "process jobs") != Tasks[message.Task].Attempts)
            .Select(message => $"{Tasks[message.Task].Task}-{message.Number}").ToList();
        Assert.True(
            incomplete.Count == 0,
            $"{incomplete.Count} of {seen.Count} traces are incomplete: {string.Join(", ", incomplete.Take(5))}. {traces}");
    }

    private static string TraceId(int task, int number) => $"{task + 1:x16}{number + 1:x16}";

    private static async Task SendAsync(ServiceBusClient client)
    {
        await using var sender = client.CreateSender("jobs");
        for (var index = 0; index < Tasks.Length; index++)
        {
            var (task, input, _) = Tasks[index];
            foreach (var chunk in Enumerable.Range(0, Messages).Chunk(500))
            {
                await sender.SendMessagesAsync(chunk.Select(number => new ServiceBusMessage($$"""{"task":"{{task}}","input":{{input}}}""")
                {
                    MessageId = $"{task}-{number}",
                    Subject = task,
                    ReplyTo = "results",
                    ApplicationProperties = { ["Diagnostic-Id"] = $"00-{TraceId(index, number)}-00000000000000{index + 1:x2}-01" },
                }));
            }
        }
    }

    private static async Task<IReadOnlyList<JobResult>> TakeResultsAsync(ServiceBusClient client)
    {
        await using var receiver = client.CreateReceiver(
            "results", new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete, PrefetchCount = 1_000 });
        var results = new List<JobResult>();
        while (results.Count < Tasks.Length * Messages)
        {
            var messages = await receiver.ReceiveMessagesAsync(1_000, TimeSpan.FromMinutes(2));
            Assert.True(messages.Count > 0, $"{results.Count} results came, and then none for two minutes.");
            results.AddRange(messages.Select(message => JsonSerializer.Deserialize(message.Body, MessagesJsonContext.Default.JobResult)!));
        }

        return results;
    }
}
