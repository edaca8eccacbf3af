using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.Wire;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.Logging;
using Thing = KedaJobs.Tests.Offline.DashboardServiceFixture.Thing;

#pragma warning disable ASPIREINTERACTION001 // arguments of commands are experimental in Aspire

namespace KedaJobs.Tests.Offline;

/// <summary>The calls that the dashboard makes, made by a client.</summary>
public sealed class DashboardServiceTests : IAsyncLifetime
{
    private DashboardServiceFixture _service = null!;

    private static CustomResourceSnapshot Running => new() { ResourceType = "Project", Properties = [], State = "Running" };

    public async Task InitializeAsync() => _service = await DashboardServiceFixture.StartAsync();

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Fact]
    public async Task Without_the_key_nothing_is_told()
    {
        var refused = await Assert.ThrowsAsync<RpcException>(
            async () => await _service.Client.GetApplicationInformationAsync(new ApplicationQuery(), _service.WrongKey));

        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
        Assert.Equal("Shop", (await _service.Client.GetApplicationInformationAsync(new ApplicationQuery(), _service.Options)).Name);
    }

    [Fact]
    public async Task A_watcher_gets_what_is_there_and_then_every_change()
    {
        var resource = new Thing("web");
        await _service.PublishAsync(resource, Running);
        await _service.RowAsync("web");
        using var call = _service.Client.WatchResources(new ResourcesQuery(), _service.Options);
        Assert.True(await NextAsync(call));
        Assert.Equal("Running", Assert.Single(call.ResponseStream.Current.All.Resources).State);

        await _service.PublishAsync(resource, Running with { State = "Exited", ExitCode = 3 });
        Assert.True(await NextAsync(call));
        var change = Assert.Single(call.ResponseStream.Current.Changes.Changes).Row;
        Assert.Equal(("web", "Exited"), (change.Name, change.State));
    }

    [Fact]
    public async Task A_watcher_that_does_not_read_is_sent_the_latest_state_only()
    {
        var resource = new Thing("busy");
        await _service.PublishAsync(resource, Running);
        await _service.RowAsync("busy");
        using var subscription = _service.Feed.Subscribe(out _);
        for (var i = 1; i <= 1000; i++)
        {
            await _service.PublishAsync(resource, Running with { State = $"Step {i}" });
        }

        await Eventually.SucceedsAsync("the last step is known", () => Assert.Equal("Step 1000", _service.Feed.Find("busy")!.State));
        Assert.Equal("Step 1000", Assert.Single(await subscription.TakeAsync(CancellationToken.None)).State);
    }

    [Fact]
    public async Task The_console_starts_with_the_backlog_and_follows()
    {
        var resource = new Thing("web");
        var logger = _service.Logs.GetLogger(resource);
        logger.LogInformation("one");
        logger.LogError("two");
        using var call = _service.Client.WatchResourceConsoleLogs(new ConsoleQuery { ResourceName = "web" }, _service.Options);
        var lines = await LinesAsync(call, 2);
        logger.LogInformation("three");
        lines = [.. lines, .. await LinesAsync(call, 1)];

        Assert.Equal([(1, false, "one"), (2, true, "two"), (3, false, "three")], lines.Select(l => (l.Number, l.IsError, l.Text.Split(' ', 2)[1])));
        Assert.All(lines, l => Assert.True(DateTimeOffset.TryParse(l.Text.Split(' ', 2)[0], out _)));
    }

    [Fact]
    public async Task The_console_ends_with_the_log()
    {
        var resource = new Thing("web");
        _service.Logs.GetLogger(resource).LogInformation("one");
        using var call = _service.Client.WatchResourceConsoleLogs(new ConsoleQuery { ResourceName = "web" }, _service.Options);
        await LinesAsync(call, 1);
        _service.Logs.Complete(resource);

        Assert.False(await NextAsync(call));
    }

    [Fact]
    public async Task The_console_without_following_ends_by_itself()
    {
        _service.Logs.GetLogger(new Thing("web")).LogInformation("one");
        using var call = _service.Client.WatchResourceConsoleLogs(new ConsoleQuery { ResourceName = "web", SuppressFollow = true }, _service.Options);

        Assert.Single(await LinesAsync(call, 1));
        Assert.False(await NextAsync(call));
    }

    [Fact]
    public async Task A_long_backlog_comes_whole()
    {
        var logger = _service.Logs.GetLogger(new Thing("web"));
        for (var i = 0; i < 3500; i++)
        {
            logger.LogInformation("line {Number}", i);
        }

        using var call = _service.Client.WatchResourceConsoleLogs(new ConsoleQuery { ResourceName = "web", SuppressFollow = true }, _service.Options);
        var lines = await LinesAsync(call, 3500);

        Assert.Equal(Enumerable.Range(1, 3500), lines.Select(l => l.Number));
    }

    public static TheoryData<string, object> Outcomes { get; } = new()
    {
        { "ok", new CommandReply { Outcome = CommandOutcome.CommandSucceeded } },
        { "tell", new CommandReply { Outcome = CommandOutcome.CommandSucceeded, Message = "Started worker-01" } },
        { "fail", new CommandReply { Outcome = CommandOutcome.CommandFailed, Message = "queue is away", Error = "queue is away" } },
        { "cancel", new CommandReply { Outcome = CommandOutcome.CommandCancelled } },
        {
            "data",
            new CommandReply
            {
                Outcome = CommandOutcome.CommandSucceeded,
                Message = "Counts",
                Data = new CommandData { Value = "{}", Format = CommandDataFormat.DataJson, DisplayImmediately = true },
            }
        },
    };

    [Theory]
    [MemberData(nameof(Outcomes))]
    public async Task A_command_answers_as_its_handler_did(string name, object expected)
    {
        var resource = new Thing("worker");
        Add(resource, "ok", _ => CommandResults.Success());
        Add(resource, "tell", _ => CommandResults.Success("Started worker-01"));
        Add(resource, "fail", _ => CommandResults.Failure("queue is away"));
        Add(resource, "cancel", _ => CommandResults.Canceled());
        Add(resource, "data", _ => CommandResults.Success("Counts", "{}", CommandResultFormat.Json, displayImmediately: true));
        await _service.PublishAsync(resource, Running);

        Assert.Equal(expected, await CallAsync(name));
    }

    [Fact]
    public async Task A_command_that_is_not_there_says_so()
    {
        await _service.PublishAsync(new Thing("worker"), Running);

        var reply = await CallAsync("nope");

        Assert.Equal(CommandOutcome.CommandFailed, reply.Outcome);
        Assert.Contains("nope", reply.Message);
    }

    [Fact]
    public async Task Arguments_are_asked_for_until_they_are_right()
    {
        var resource = new Thing("worker");
        string? started = null;
        AddWithCount(resource, arguments =>
        {
            started = arguments["count"].Value;
            return CommandResults.Success();
        });
        await _service.PublishAsync(resource, Running);
        using var window = _service.Client.WatchInteractions(_service.Options);
        var running = CallAsync("start");

        var dialog = await DialogAsync(window);
        Assert.Equal(("Start executions", "count", true), (dialog.Title, dialog.Inputs.Inputs[0].Name, dialog.Inputs.Inputs[0].Required));
        await AnswerAsync(window, dialog, "");
        dialog = await DialogAsync(window);
        Assert.Equal(["Value is required."], dialog.Inputs.Inputs[0].Errors);
        await AnswerAsync(window, dialog, "9");
        dialog = await DialogAsync(window);
        Assert.Equal(["At most 5."], dialog.Inputs.Inputs[0].Errors);
        await AnswerAsync(window, dialog, "3");

        Assert.Equal(Interaction.KindOneofCase.End, (await DialogAsync(window)).KindCase);
        Assert.Equal(CommandOutcome.CommandSucceeded, (await running).Outcome);
        Assert.Equal("3", started);
    }

    [Fact]
    public async Task A_dialog_that_is_closed_cancels_the_command()
    {
        var resource = new Thing("worker");
        AddWithCount(resource, _ => throw new InvalidOperationException("must not run"));
        await _service.PublishAsync(resource, Running);
        using var window = _service.Client.WatchInteractions(_service.Options);
        var running = CallAsync("start");
        var dialog = await DialogAsync(window);
        await window.RequestStream.WriteAsync(new InteractionReply { Id = dialog.Id, End = new InteractionEnd() });

        Assert.Equal(CommandOutcome.CommandCancelled, (await running).Outcome);
    }

    [Fact]
    public async Task Arguments_that_come_with_the_call_are_checked_and_used()
    {
        var resource = new Thing("worker");
        string? started = null;
        AddWithCount(resource, arguments =>
        {
            started = arguments["count"].Value;
            return CommandResults.Success();
        });
        await _service.PublishAsync(resource, Running);

        var refused = await CallAsync("start", Value.ForNumber(9));
        Assert.Equal((CommandOutcome.CommandInvalidArguments, "How many: At most 5."), (refused.Outcome, refused.Message));
        Assert.Equal(CommandOutcome.CommandSucceeded, (await CallAsync("start", Value.ForNumber(2))).Outcome);
        Assert.Equal("2", started);
    }

    [Fact]
    public async Task An_open_dialog_is_shown_to_a_window_that_comes_later()
    {
        var resource = new Thing("worker");
        AddWithCount(resource, _ => CommandResults.Success());
        await _service.PublishAsync(resource, Running);
        using var first = _service.Client.WatchInteractions(_service.Options);
        var running = CallAsync("start");
        var dialog = await DialogAsync(first);
        using var second = _service.Client.WatchInteractions(_service.Options);

        Assert.Equal(dialog, await DialogAsync(second));
        await AnswerAsync(second, dialog, "1");
        Assert.Equal(CommandOutcome.CommandSucceeded, (await running).Outcome);
        Assert.Equal(Interaction.KindOneofCase.End, (await DialogAsync(first)).KindCase);
    }

    private static void Add(IResource resource, string name, Func<ExecuteCommandContext, ExecuteCommandResult> handler) =>
        resource.Annotations.Add(new ResourceCommandAnnotation(
            name, name, _ => ResourceCommandState.Enabled, context => Task.FromResult(handler(context)), null, parameter: null, null, null, null, false));

    private static void AddWithCount(IResource resource, Func<InteractionInputCollection, ExecuteCommandResult> handler) =>
        resource.Annotations.Add(new ResourceCommandAnnotation(
            "start",
            "Start executions",
            _ => ResourceCommandState.Enabled,
            context => Task.FromResult(handler(context.Arguments)),
            null,
            [new InteractionInput { Name = "count", Label = "How many", InputType = InputType.Number, Required = true }],
            null,
            null,
            null,
            false,
            validateArguments: context =>
            {
                if (int.TryParse(context.Inputs["count"].Value, out var count) && count > 5)
                {
                    context.AddValidationError("count", "At most 5.");
                }

                return Task.CompletedTask;
            }));

    private Task<CommandReply> CallAsync(string command, Value? count = null)
    {
        var call = new CommandCall { ResourceName = "worker", ResourceType = "Project", CommandName = command };
        if (count is not null)
        {
            call.Arguments["count"] = count;
        }

        return Eventually.InTimeAsync($"{command} answers", _service.Client.ExecuteResourceCommandAsync(call, _service.Options).ResponseAsync);
    }

    private static Task<bool> NextAsync<T>(AsyncServerStreamingCall<T> call) =>
        Eventually.InTimeAsync($"the next {typeof(T).Name} comes", call.ResponseStream.MoveNext(CancellationToken.None));

    private static async Task<IReadOnlyList<ConsoleLine>> LinesAsync(AsyncServerStreamingCall<ConsoleUpdate> call, int count)
    {
        var lines = new List<ConsoleLine>();
        while (lines.Count < count)
        {
            Assert.True(await NextAsync(call));
            lines.AddRange(call.ResponseStream.Current.Lines);
        }

        return lines;
    }

    private static async Task<Interaction> DialogAsync(AsyncDuplexStreamingCall<InteractionReply, Interaction> window)
    {
        Assert.True(await Eventually.InTimeAsync("a dialog comes", window.ResponseStream.MoveNext(CancellationToken.None)));
        return window.ResponseStream.Current;
    }

    private static Task AnswerAsync(AsyncDuplexStreamingCall<InteractionReply, Interaction> window, Interaction dialog, string value)
    {
        var filled = dialog.Inputs.Clone();
        filled.Inputs[0].Value = value;
        return window.RequestStream.WriteAsync(new InteractionReply { Id = dialog.Id, Inputs = filled });
    }
}
