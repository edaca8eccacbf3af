using System.Diagnostics.Metrics;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Azure.Messaging.ServiceBus;
using KedaJobs.Hosting;
using KedaJobs.Scaling.Executions;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Time.Testing;

namespace KedaJobs.Tests.EndToEnd;

/// <summary>A small application that a test drives poll by poll: polls are due by a clock that nobody advances.</summary>
public sealed class StepByStepTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private DistributedApplication? _app;
    private ServiceBusClient? _client;
    private volatile bool _isMisdirected;

    private DistributedApplication App => _app!;

    private RunningJob Worker => App.GetJob("worker");

    public async Task InitializeAsync()
    {
        var builder = DistributedApplicationTestingBuilder.Create();
        builder.UseScheduleClock(new FakeTimeProvider());
        var messaging = builder.AddAzureServiceBus("messaging").RunAsEmbedded();
        var jobs = messaging.AddServiceBusQueue("jobs").WithProperties(queue => queue.MaxDeliveryCount = 2);
        var other = messaging.AddServiceBusQueue("other");
        var results = messaging.AddServiceBusQueue("results");
        var worker = builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null)
            .WithReference(jobs).WithReference(results)
            .WithEnvironment("QueueJob__IdleTime", "00:00:00.2")
            // Values are read for each start, unlike the callbacks that name them.
            .WithEnvironment(
                "ConnectionStrings__jobs",
                ReferenceExpression.Create($"{new Choice(() => _isMisdirected ? other.Resource : jobs.Resource)}"))
            // A message that waits could outlast the execution, and nothing polls for the next one.
            .WithEnvironment("QueueJob__DelayRetries", "false")
            .AsEventJob(jobs, job => job.MaxExecutions = 1)
            .WithJobLibrary();
        var slot = builder.CreateResourceBuilder(builder.Resources.Single(resource => resource.Name == "worker-01"));
        builder.AddExecutable("after-scaling", "sleep", ".", "1000").WaitFor(worker);
        // Started by the test: the start of an application waits for all that its resources wait for.
        builder.AddExecutable("after-execution", "sleep", ".", "1000").WaitForCompletion(slot).WithExplicitStart();
        _app = await builder.BuildAsync();
        await _app.StartAsync().WaitAsync(Patience);
        await Worker.WaitForAsync(job => job.Status == JobStatus.Running, Patience);
        _client = new(await _app.GetConnectionStringAsync("messaging"));
    }

    public async Task DisposeAsync()
    {
        await _client!.DisposeAsync();
        await App.DisposeAsync();
    }

    [LinuxFact]
    public async Task One_message_is_one_execution_and_Aspires_waits_pass()
    {
        using var delays = new MetricCollector<double>(
            App.Services.GetRequiredService<IMeterFactory>(), "KedaJobs.Scaling", "kedajobs.start.delay");
        await RunningAsync("after-scaling");
        var waiting = App.ResourceCommands.ExecuteCommandAsync("after-execution", KnownResourceCommands.StartCommand);
        await SendAsync("m-1", "wordcount", """{"text": "one two"}""");

        var step = await Worker.PollAsync();
        Assert.Equal((1, 1L), (step.LastStart, step.QueueLength));
        await Worker.WaitForMessageCompletedAsync("m-1", Patience);
        var ended = await Worker.WaitForExecutionAsync(step.Executions[^1].Name, Patience);

        Assert.Equal((ExecutionStatus.Succeeded, 0, "worker-01"), (ended.Status, ended.ExitCode, ended.ResourceName));
        Assert.Contains(Worker.GetLog(ended.Name), line => line.Contains("receives from 'jobs'", StringComparison.Ordinal));
        await RunningAsync("after-execution");
        Assert.True((await waiting).Success);
        Assert.Equal(0, (await Worker.PollAsync()).LastStart);
        Assert.Single(delays.GetMeasurementSnapshot());
    }

    [LinuxFact]
    public async Task Message_that_fails_is_dead_lettered_and_the_wait_says_why()
    {
        await SendAsync("m-1", "fail", """{"message": "boom"}""");
        await Worker.PollAsync();

        var letter = await Worker.WaitForMessageDeadLetteredAsync("m-1", Patience);
        var failure = await Assert.ThrowsAsync<JobException>(() => Worker.WaitForMessageCompletedAsync("m-1", Patience));

        Assert.Equal("MaxDeliveryCountExceeded", letter.DeadLetterReason);
        Assert.StartsWith(
            "Message 'm-1' was dead-lettered: MaxDeliveryCountExceeded. All 2 attempts failed. Last error: boom", failure.Message,
            StringComparison.Ordinal);
        await Assert.ThrowsAsync<JobException>(() => Worker.WaitForMessageDeadLetteredAsync("never-sent", Patience));
    }

    [LinuxFact]
    public async Task Worker_that_completes_nothing_is_found_within_three_rounds_and_the_real_one_ends_it()
    {
        _isMisdirected = true;
        await SendAsync("m-1", "wordcount", """{"text": "one two"}""");
        for (var round = 1; round <= 3; round++)
        {
            var step = await Worker.PollAsync();
            Assert.Equal((1L, null), (step.LastStart, step.Runaway));
            await Worker.WaitForExecutionAsync(step.Executions[^1].Name, Patience);
        }

        _isMisdirected = false;
        var found = await Worker.PollAsync();

        Assert.Equal((RunawayCause.NotCompleted, 3), (found.Runaway?.Cause, found.Runaway?.Executions));
        Assert.Equal("Complete each message after its work is done.", found.Runaway?.Cure);
        await ShowsAsync("Runaway", "messages are not completed");
        await ShowsAsync("What to do", "Complete each message after its work is done.");
        await Worker.WaitForMessageCompletedAsync("m-1", Patience);
        await Worker.WaitForExecutionsAsync(4, Patience);
        var idle = await Worker.PollAsync();
        Assert.Equal((0L, null), (idle.LastStart, idle.Runaway));
        await ShowsAsync("Runaway", null);
    }

    [LinuxFact]
    public async Task Deferred_message_is_named_as_the_cause()
    {
        await SendAsync("m-1", "wordcount", """{"text": "one two"}""");
        await using (var receiver = _client!.CreateReceiver("jobs"))
        {
            await receiver.DeferMessageAsync(await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(10)));
        }

        for (var round = 1; round <= 3; round++)
        {
            await Worker.WaitForExecutionAsync((await Worker.PollAsync()).Executions[^1].Name, Patience);
        }

        Assert.Equal(RunawayCause.Deferred, (await Worker.PollAsync()).Runaway?.Cause);
    }

    private sealed class Choice(Func<IResourceWithConnectionString> choose) : IValueProvider, IManifestExpressionProvider
    {
        public string ValueExpression => "";

        public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
            choose().ConnectionStringExpression.GetValueAsync(cancellationToken);
    }

    private Task RunningAsync(string resource) => Eventually.InTimeAsync(
        $"'{resource}' runs",
        App.ResourceNotifications.WaitForResourceAsync(resource, update => update.Snapshot.State?.Text == KnownResourceStates.Running));

    private Task ShowsAsync(string property, string? value) => Eventually.InTimeAsync(
        $"the job's resource shows the property '{property}' as {value ?? "gone"}",
        App.ResourceNotifications.WaitForResourceAsync("worker", update => update.Snapshot.Properties
            .FirstOrDefault(shown => shown.Name == property && shown.IsHighlighted)?.Value?.ToString() == value));

    private async Task SendAsync(string id, string task, string input)
    {
        await using var sender = _client!.CreateSender("jobs");
        await sender.SendMessageAsync(
            new ServiceBusMessage($$"""{"task": "{{task}}", "input": {{input}}}""") { MessageId = id, ContentType = "application/json" });
    }
}
