using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Azure.Messaging.ServiceBus;
using KedaJobs.Hosting;
using KedaJobs.Scaling.Executions;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace KedaJobs.Tests.EndToEnd;

/// <summary>A job on a queue that requires sessions, under the local KEDA.</summary>
public sealed class SessionJobTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [LinuxFact]
    public async Task One_execution_handles_several_sessions_in_order_and_each_result_comes_once()
    {
        var builder = DistributedApplicationTestingBuilder.Create();
        builder.UseScheduleClock(new FakeTimeProvider());
        var messaging = builder.AddAzureServiceBus("messaging").RunAsEmbedded();
        var jobs = messaging.AddServiceBusQueue("jobs").WithProperties(queue => queue.RequiresSession = true);
        var results = messaging.AddServiceBusQueue("results").WithProperties(queue => queue.RequiresSession = true);
        builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null)
            .WithReference(jobs).WithReference(results)
            .WithEnvironment("QueueJob__IdleTime", "00:00:00.5")
            .AsEventJob(jobs, job => job.MaxExecutions = 1)
            .WithJobLibrary();
        await using var app = await builder.BuildAsync();
        await app.StartAsync().WaitAsync(Patience);
        var worker = app.GetJob("worker");
        await worker.WaitForAsync(job => job.Status == JobStatus.Running, Patience);
        await using var client = new ServiceBusClient(await app.GetConnectionStringAsync("messaging"));
        await SendAsync(client);

        var step = await worker.PollAsync();
        Assert.Equal((1, 15L), (step.LastStart, step.QueueLength));
        var ended = await worker.WaitForExecutionAsync(step.Executions[^1].Name, Patience);

        Assert.Equal((ExecutionStatus.Succeeded, 0), (ended.Status, ended.ExitCode));
        var log = string.Join('\n', worker.GetLog(ended.Name));
        Assert.Contains("QueueDrained. Messages received: 15.", log, StringComparison.Ordinal);
        Assert.DoesNotContain("requires sessions: its messages", log, StringComparison.Ordinal);
        await using var answers = await client.AcceptSessionAsync("results", "asker");
        var messages = new List<ServiceBusReceivedMessage>();
        for (var more = true; more;)
        {
            var given = await answers.ReceiveMessagesAsync(100, messages.Count < 15 ? Patience : TimeSpan.FromMilliseconds(200));
            messages.AddRange(given);
            more = given.Count > 0;
        }

        Assert.Equal(15, messages.Count);
        var found = messages.ToLookup(message => message.MessageId[..1], message => message.MessageId[2..]);
        Assert.All(["a", "b", "c"], session => Assert.Equal(["0", "1", "2", "3", "4"], found[session]));
        var idle = await worker.PollAsync();
        Assert.Equal((0L, null), (idle.LastStart, idle.Runaway));
    }

    private static async Task SendAsync(ServiceBusClient client)
    {
        await using var sender = client.CreateSender("jobs");
        foreach (var number in Enumerable.Range(0, 5))
        {
            foreach (var session in (string[])["a", "b", "c"])
            {
                await sender.SendMessageAsync(new ServiceBusMessage("""{"task": "wordcount", "input": {"text": "one two"}}""")
                {
                    MessageId = $"{session}-{number}",
                    SessionId = session,
                    ReplyTo = "results",
                    ReplyToSessionId = "asker",
                    ContentType = "application/json",
                });
            }
        }
    }
}
