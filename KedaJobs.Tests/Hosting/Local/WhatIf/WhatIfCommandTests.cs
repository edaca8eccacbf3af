#pragma warning disable ASPIREINTERACTION001 // the arguments of commands are experimental

using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Azure.Messaging.ServiceBus;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace KedaJobs.Tests.Hosting.Local.WhatIf;

/// <summary>The command of a job's row, on the embedded broker; the test handles the messages itself.</summary>
public sealed class WhatIfCommandTests : IAsyncLifetime
{
    private DistributedApplication? _app;
    private ServiceBusClient? _client;

    private DistributedApplication App => _app!;

    public async Task InitializeAsync()
    {
        var builder = DistributedApplicationTestingBuilder.Create();
        builder.UseScheduleClock(new FakeTimeProvider());
        var messaging = builder.AddAzureServiceBus("messaging").RunAsEmbedded();
        var jobs = messaging.AddServiceBusQueue("jobs");
        var mail = messaging.AddServiceBusTopic("orders").AddServiceBusSubscription("mail", "for-mail");
        builder.AddExecutable("worker", "sleep", ".", "1").WithReference(jobs).AsEventJob(jobs, job => job.MaxExecutions = 20);
        builder.AddExecutable("mailer", "sleep", ".", "1").WithReference(mail).AsEventJob(mail, job => job.MessageCount = 1)
            .WithScaleRule(
                "uploads", "azure-queue",
                new Dictionary<string, string> { ["queueName"] = "uploads", ["accountName"] = "acme", ["queueLength"] = "5" })
            .WithScaleRule("day", "cron", new Dictionary<string, string>
            {
                ["timezone"] = "Etc/UTC",
                ["start"] = "0 0 1 1 *",
                ["end"] = "1 0 1 1 *",
                ["desiredReplicas"] = "1",
            });
        builder.AddExecutable("nightly", "sleep", ".", "1").AsScheduledJob("0 3 * * *");
        _app = await builder.BuildAsync();
        await _app.StartAsync().WaitAsync(Eventually.DefaultDeadline);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("jobs").WaitAsync(Eventually.DefaultDeadline);
        _client = new(await _app.GetConnectionStringAsync("messaging"));
    }

    public async Task DisposeAsync()
    {
        await _client!.DisposeAsync();
        await App.DisposeAsync();
    }

    [LinuxFact]
    public async Task Twenty_messages_are_simulated_as_declared_and_with_other_numbers()
    {
        await SendAsync("jobs", 20);
        App.GetJob("worker").PauseScaling();

        var result = await ExecuteAsync("worker", ("message-count", "1"), ("handling-time", "60"), ("image-pull", "10"));

        Assert.Equal((true, "20 messages simulated."), (result.Success, result.Message));
        Assert.Equal((CommandResultFormat.Markdown, true), (result.Data!.Format, result.Data.DisplayImmediately));
        var rows = Rows(result);
        Assert.Equal(["", "As declared", "What if"], rows[0]);
        Assert.Equal(["Messages per execution", "5", "1"], Row(rows, "Messages per execution"));
        Assert.Equal(["Polling interval", "30 s", "30 s"], Row(rows, "Polling interval"));

        // Four executions have five messages of a minute each, one after the other; twenty have one.
        Assert.Equal(["**Executions**", "4", "20"], Row(rows, "**Executions**"));
        Assert.Equal(["**Executions without messages**", "0", "0"], Row(rows, "**Executions without messages**"));
        // Half a polling interval and the image pull, and four messages before it.
        Assert.Equal(["**Wait, longest**", "4.4 min", "25 s"], Row(rows, "**Wait, longest**"));
        Assert.Matches(@"^0\.\d{4} USD$", Row(rows, "**Cost**")[1]);
        Assert.Contains("handled in the time that you entered.", result.Data.Value, StringComparison.Ordinal);
        Assert.Contains("No cold start was measured here", result.Data.Value, StringComparison.Ordinal);
        Assert.DoesNotContain("not fit", result.Data.Value, StringComparison.Ordinal);
    }

    [LinuxFact]
    public async Task Handling_time_is_the_one_that_was_measured()
    {
        await SendAsync("orders", 3);
        Assert.Equal(
            "No message was handled here in the last hour. Enter the handling time, then try again.",
            (await ExecuteAsync("mailer")).Message);
        await using (var receiver = _client!.CreateReceiver("orders", "for-mail"))
        {
            await receiver.CompleteMessageAsync(await receiver.ReceiveMessageAsync(Eventually.DefaultDeadline));
        }

        var result = await ExecuteAsync("mailer", ("strategy", "eager"));

        Assert.True(result.Success, result.Message);
        Assert.Contains(
            "the 3 messages of the last hour, handled as the 1 that were completed here.", result.Data!.Value, StringComparison.Ordinal);
        Assert.Equal(["Strategy", "default", "eager"], Row(Rows(result), "Strategy"));
        Assert.Contains(
            "Strategy eager does not fit messages that are completed after the work", result.Data.Value, StringComparison.Ordinal);
        Assert.Contains("The rule 'uploads' (azure-queue) is not simulated.", result.Data.Value, StringComparison.Ordinal);
        Assert.DoesNotContain("'day'", result.Data.Value, StringComparison.Ordinal);
        Assert.Equal(["", "As declared"], Rows(await ExecuteAsync("mailer"))[0]);
    }

    [LinuxFact]
    public async Task Without_messages_there_is_nothing_to_simulate() => Assert.Equal(
        (false, "No messages arrived in the last hour, so there is nothing to simulate. Send some, then try again."),
        await ExecuteAsync("worker", ("handling-time", "1")) is var result ? (result.Success, result.Message) : default);

    [LinuxTheory]
    [InlineData("message-count", "0")]
    [InlineData("message-count", "1.5")]
    [InlineData("max-executions", "many")]
    [InlineData("polling-interval", "-1")]
    [InlineData("handling-time", "1e9")]
    public async Task Wrong_number_is_refused(string argument, string value)
    {
        await SendAsync("jobs", 1);
        Assert.Equal(
            (false, "Command argument validation failed."),
            await ExecuteAsync("worker", (argument, value)) is var result ? (result.Success, result.Message) : default);
    }

    [LinuxFact]
    public async Task Scheduled_job_has_no_load() => Assert.False((await ExecuteAsync("nightly")).Success);

    private async Task SendAsync(string entity, int count)
    {
        await using var sender = _client!.CreateSender(entity);
        await sender.SendMessagesAsync(Enumerable.Range(0, count).Select(index => new ServiceBusMessage($"{index}")));
    }

    private static List<string[]> Rows(ExecuteCommandResult result) =>
        [.. result.Data!.Value.Split('\n').Where(line => line.StartsWith('|'))
            .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries))];

    private static string[] Row(List<string[]> rows, string name) => rows.Single(row => row[0] == name);

    private Task<ExecuteCommandResult> ExecuteAsync(string resource, params (string Name, string Value)[] arguments) =>
        App.ResourceCommands.ExecuteCommandAsync(resource, "what-if", new InteractionInputCollection(
            [.. arguments.Select(
                argument => new InteractionInput { Name = argument.Name, InputType = InputType.Text, Value = argument.Value })]),
            CancellationToken.None);
}
