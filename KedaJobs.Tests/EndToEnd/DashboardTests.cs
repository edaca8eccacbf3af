using Aspire.Hosting;
using Azure.Messaging.ServiceBus;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.EndToEnd;

/// <summary>
/// Each command of each kind of row in the real dashboard of the real AppHost, clicked in a real browser,
/// with its prompts and with what comes of it.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class DashboardTests(DashboardFixture fixture) : IClassFixture<DashboardFixture>
{
    private const string Body = """{"task": "wordcount"}""";
    private const string Properties = """{"priority": 1}""";
    private const string Schedule = "30, 00:05:00, or 2026-08-01T12:00:00Z";

    private DashboardPage Page => fixture.Page;

    [BrowserFact]
    public async Task Job_shows_its_numbers_at_once_pauses_starts_stops_and_resumes()
    {
        await Page.SeesStateAsync("worker-01", "Running");
        await Page.OpenAsync("worker");
        foreach (var property in (string[])["Queue length", "Running executions", "Last decision", "Finished executions"])
        {
            await Page.ShowsAsync(property);
        }

        await Page.ShowsAsync("Running executions", "1 of at most 10");
        await Page.ChooseAsync("worker", "Pause scaling");
        await Page.ShowsAsync("Scaling", "paused");
        await Page.ChooseAsync("worker-01", "Stop execution");
        await Page.ShowsAsync("Running executions", "0 of at most 10");
        await Page.SeesStateAsync("worker-01", "Exited");

        await Page.ChooseAsync("worker", "Start execution now");
        await Page.ShowsAsync("Running executions", "1 of at most 10");
        await Page.SeesStateAsync("worker-02", "Running");
        await Page.ChooseAsync("worker", "Start execution now");
        await Page.ShowsAsync("Running executions", "2 of at most 10");
        await Page.ChooseAsync("worker", "Stop all executions");
        await Page.ShowsAsync("Running executions", "0 of at most 10");
        await Page.SeesStateAsync("worker-02", "Exited");
        await Page.SeesStateAsync("worker-03", "Exited");

        await Page.ChooseAsync("worker", "Resume scaling");
        // The minimum of one execution is kept again.
        await Page.ShowsAsync("Running executions", "1 of at most 10");
    }

    [BrowserFact]
    public async Task What_if_prompts_and_shows_both_columns()
    {
        // The execution that is kept takes the message. A poll in between would start another one, which other tests do not expect.
        var worker = fixture.App.GetJob("worker");
        worker.PauseScaling();
        await Page.ChooseAsync("jobs", "Send message");
        await Page.TypeAsync(Body, """{"task": "wordcount", "input": {"text": "to be or not to be"}}""");
        await Page.PressAsync("Send message");

        await Page.ChooseAsync("worker", "What if");
        await Page.TypeAsync("5", "1");
        await Page.TypeAsync("as measured", "12.5");
        await Page.PressAsync("What if");

        await Page.SeesRowAsync("As declared");
        await Page.SeesRowAsync("Messages per execution 5 1");
        await Page.SeesTextAsync("the message of the last hour, handled in the time that you entered.");
        await Page.CloseAsync();
        await using var receiver = fixture.Client.CreateReceiver("jobs");
        await Eventually.SucceedsAsync(
            "the message is handled", async () => Assert.Null(await receiver.PeekMessageAsync(fromSequenceNumber: 0)));
        worker.ResumeScaling();
    }

    [BrowserFact]
    public async Task Scheduled_job_pauses_and_resumes_and_starts_beside_its_schedule()
    {
        await Page.OpenAsync("nightly");
        await Page.ShowsAsync("Schedule", "0 3 1 1 * (UTC)");
        await Page.ChooseAsync("nightly", "Pause schedule");
        await Page.ShowsAsync("Schedule", "0 3 1 1 * (UTC), paused");
        await Page.ChooseAsync("nightly", "Resume schedule");
        await Page.ShowsAsync("Schedule", "0 3 1 1 * (UTC)");

        await Page.ChooseAsync("nightly", "Start execution now");
        await Page.SeesStateAsync("nightly-01", "Running");
        await Page.ChooseAsync("nightly-01", "Stop execution");
        await Page.SeesStateAsync("nightly-01", "Exited");
    }

    [BrowserFact]
    public async Task Manual_job_starts_and_stops()
    {
        await Page.OpenAsync("migrate");
        await Page.ShowsAsync("Next execution", "on demand");
        await Page.ChooseAsync("migrate", "Start execution now");
        await Page.ShowsAsync("Running executions", "1");
        await Page.SeesStateAsync("migrate-01", "Running");
        await Page.ChooseAsync("migrate", "Stop all executions");
        await Page.ShowsAsync("Running executions", "0");
        await Page.SeesStateAsync("migrate-01", "Exited");
    }

    [BrowserFact]
    public async Task Metrics_of_the_local_KEDA_and_of_the_broker_are_there()
    {
        await Page.GoToAsync("/metrics/resource/KedaJobs.AppHost");
        await Page.SeesTextAsync("kedajobs.queue.length");
        await Page.SeesTextAsync("kedajobs.broker.connections");
        await Page.GoToAsync("/");
    }

    [BrowserFact]
    public Task Queue_is_sent_to_peeked_at_requeued_and_purged() =>
        EntityIsSentTo_PeekedAt_Requeued_AndPurgedAsync(
            "results", "Sends a message to queue 'results'.", "results", () => fixture.Client.CreateReceiver("results"));

    [BrowserFact]
    public Task Subscription_is_sent_to_peeked_at_requeued_and_purged() =>
        EntityIsSentTo_PeekedAt_Requeued_AndPurgedAsync(
            "mail", "Sends a message to topic 'orders'.", "orders", () => fixture.Client.CreateReceiver("orders", "mail"));

    /// <param name="row">The row.</param>
    /// <param name="description">What its prompt says.</param>
    /// <param name="scheduled">The row that counts its scheduled messages.</param>
    /// <param name="receive">Makes a receiver of it.</param>
    private async Task EntityIsSentTo_PeekedAt_Requeued_AndPurgedAsync(
        string row, string description, string scheduled, Func<ServiceBusReceiver> receive)
    {
        await Page.OpenAsync(scheduled);
        await Page.ChooseAsync(row, "Send message");
        await Page.SeesTextAsync(description);
        await Page.TypeAsync(Body, "not now");
        await Page.TypeAsync(Schedule, "3600");
        await Page.PressAsync("Send message");
        await Page.ShowsAsync("Scheduled messages", "1");

        if (row != scheduled)
        {
            // Another click would close the details.
            await Page.OpenAsync(row);
        }

        await Page.ChooseAsync(row, "Send message");
        await Page.TypeAsync(Body, "hello from a browser");
        await Page.TypeAsync(Properties, """{"priority" """);
        await Page.PressAsync("Send message", "This is not JSON");
        await Page.TypeAsync(Properties, """{"priority": 7}""");
        await Page.PressAsync("Send message");
        await Page.ShowsAsync("Active messages", "1");

        await PeekAsync("In the queue", "hello from a browser", "priority=7");

        await DeadLetterAsync();
        await PeekAsync("Dead letters", "hello from a browser", "because");
        await Page.ChooseAsync(row, "Requeue dead letters");
        await Page.PressAsync("No");
        await Page.ChooseAsync(row, "Requeue dead letters");
        await Page.PressAsync("Yes");
        await Page.ShowsAsync("Dead-lettered messages", "0");
        await Page.ShowsAsync("Active messages", "1");

        await Page.ChooseAsync(row, "Purge messages");
        await Page.SeesTextAsync("This cannot be undone.");
        await Page.CancelAsync();

        // Still there after what was called off.
        await DeadLetterAsync();
        await Page.ChooseAsync(row, "Purge messages");
        await Page.SelectAsync("Dead letters", "Purge messages");
        await Page.ShowsAsync("Dead-lettered messages", "0");

        await Page.ChooseAsync(row, "Send message");
        await Page.PressAsync("Send message");
        await Page.ShowsAsync("Active messages", "1");
        await Page.ChooseAsync(row, "Purge messages");
        await Page.PressAsync("Purge messages");
        await Page.ShowsAsync("Active messages", "0");

        async Task PeekAsync(string where, params string[] texts)
        {
            await Eventually.SucceedsAsync("a page gets what it asked for", async () =>
            {
                await Page.ChooseAsync(row, "Peek messages");
                Assert.True(await Page.SelectAsync(where, "Peek messages"), "The page was loaded again.");
            });
            foreach (var text in texts)
            {
                await Page.SeesTextAsync(text);
            }

            await Page.CloseAsync();
        }

        async Task DeadLetterAsync()
        {
            await using var receiver = receive();
            var message = await receiver.ReceiveMessageAsync(Eventually.DefaultDeadline);
            Assert.Equal("hello from a browser", message.Body.ToString());
            await receiver.DeadLetterMessageAsync(message, "because");
            await Page.ShowsAsync("Dead-lettered messages", "1");
            await Page.ShowsAsync("Active messages", "0");
        }
    }
}
