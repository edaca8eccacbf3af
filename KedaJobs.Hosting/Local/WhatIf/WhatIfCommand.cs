#pragma warning disable ASPIREINTERACTION001 // the arguments of commands are experimental; the dashboard and the CLI ask for them

using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using KedaJobs.Scaling.Rules;
using KedaJobs.Scaling.Simulation;
using Microsoft.Extensions.DependencyInjection;

namespace KedaJobs.Hosting.Local.WhatIf;

/// <summary>The command that simulates the last hour's load with other numbers.</summary>
internal static class WhatIfCommand
{
    public const string Name = "what-if";

    public const string MessageCount = "message-count";
    public const string MaxExecutions = "max-executions";
    public const string PollingInterval = "polling-interval";
    public const string Concurrency = "concurrency";
    public const string Strategy = "strategy";
    public const string HandlingTime = "handling-time";
    public const string ImagePull = "image-pull";

    private const string AsNow = "";

    /// <summary>What each number may be. Seconds are whole where Azure takes whole ones.</summary>
    private static readonly IReadOnlyList<(string Name, double Least, double Most, bool IsWhole)> Numbers =
    [
        (MessageCount, 1, int.MaxValue, true),
        (MaxExecutions, 1, 1_000, true),
        (PollingInterval, 1, 86_400, true),
        (Concurrency, 1, 1_000, true),
        (HandlingTime, 0, 86_400, false),
        (ImagePull, 0, 3_600, false),
    ];

    public static void AddTo<T>(IResourceBuilder<T> worker, EventJobAnnotation job)
        where T : IResource
    {
        if (job.Kind != JobKind.Event)
        {
            return;
        }

        worker.WithCommand(
            Name,
            "What if",
            context => Task.FromResult(Execute(job, context)),
            new CommandOptions
            {
                Description =
                    "Simulates the last hour's messages with other settings: how long would they wait, and what would it cost in Azure?",
                IconName = "Beaker",
                Arguments = Arguments(job.Options),
                ValidateArguments = context =>
                {
                    foreach (var (name, least, most, isWhole) in Numbers)
                    {
                        if (Problem(context.Inputs, name, least, most, isWhole) is { } problem)
                        {
                            context.AddValidationError(context.Inputs[name], problem);
                        }
                    }

                    return Task.CompletedTask;
                },
                UpdateState = _ => ResourceCommandState.Enabled,
            });
    }

    private static List<InteractionInput> Arguments(EventJobOptions options) =>
    [
        Number(MessageCount, "Messages per execution (messageCount)", $"{options.MessageCount}", "Empty: as declared."),
        Number(MaxExecutions, "Max executions", $"{options.MaxExecutions}", "Empty: as declared."),
        Number(
            PollingInterval, "Polling interval, seconds", $"{options.PollingInterval.TotalSeconds:0}",
            "Empty: as declared, not as on this machine."),
        Number(
            Concurrency, "Concurrency", "as seen",
            "Messages one replica handles at once. Empty: the maximum that an execution handled here."),
        new()
        {
            Name = Strategy, Label = "Scaling strategy", InputType = InputType.Choice, Value = AsNow,
            Options = [new(AsNow, "default, as in Container Apps"), .. SimulationSettings.Strategies.Where(name => name != "default")
                .Select(name => KeyValuePair.Create(name, name))],
            Description = "Container Apps has no setting for it; your own KEDA does.",
        },
        Number(
            HandlingTime, "Handling time, seconds", "as measured", "How long one message takes. Empty: as measured here in the last hour."),
        Number(
            ImagePull, "Image pull, seconds", "0",
            "In Azure, from the start of an execution until its container runs. Applies to both columns. Empty: 0."),
    ];

    // Text, because a number field of the dashboard shows no placeholder and accepts no fraction.
    private static InteractionInput Number(string name, string label, string placeholder, string description) =>
        new() { Name = name, Label = label, InputType = InputType.Text, Placeholder = placeholder, Description = description };

    private static ExecuteCommandResult Execute(EventJobAnnotation job, ExecuteCommandContext context)
    {
        var services = context.Services;
        var recorder = services.GetRequiredService<LoadRecorder>();
        var loads = job.Triggers.Select(trigger => recorder.Find(trigger.Entity)).ToList();
        if (loads.TrueForAll(load => load is null))
        {
            return CommandResults.Failure(
                "Arrivals are recorded by the embedded broker only, and this job's namespace does not run on it. Record a trace instead: "
                + "KedaJobs.Planner record.");
        }

        var current = services.GetRequiredService<LocalKeda>().FindLocal(job.Worker.Name)!.State.Current;
        var load = MeasuredLoad.Of(
            loads, [.. current.Executions.Select(execution => execution.State)], services.GetRequiredService<TimeProvider>().GetUtcNow());
        if (load.Count == 0)
        {
            return CommandResults.Failure(
                "No messages arrived in the last hour, so there is nothing to simulate. Send some, then try again.");
        }

        var arguments = context.Arguments;
        var handling = Read(arguments, HandlingTime);
        if (handling is null && load.Handling.Count == 0)
        {
            return CommandResults.Failure("No message was handled here in the last hour. Enter the handling time, then try again.");
        }

        var now = WhatIfInput.Of(
            job, load, handling is { } seconds ? Constant(seconds) : null, TimeSpan.FromSeconds(Read(arguments, ImagePull) ?? 0));
        var settings = new SimulationSettings(
            (long?)Read(arguments, MessageCount), (int?)Read(arguments, MaxExecutions), (int?)Read(arguments, PollingInterval),
            Text(arguments, Strategy), (int?)Read(arguments, Concurrency));
        return CommandResults.Success(
            load.Count == 1 ? "1 message simulated." : $"{DisplayText.Count(load.Count)} messages simulated.",
            Answer(job, load, now, settings.Apply(now), handling is null, context.CancellationToken),
            CommandResultFormat.Markdown,
            displayImmediately: true);
    }

    private static string Answer(
        EventJobAnnotation job, MeasuredLoad load, SimulationInput now, SimulationInput other, bool isMeasured,
        CancellationToken cancellationToken)
    {
        var columns = new List<(string, SimulationInput, SimulationResult)> { ("As declared", now, Run(now, cancellationToken)) };
        if (SimulationSettings.Of(other) != SimulationSettings.Of(now))
        {
            columns.Add(("What if", other, Run(other, cancellationToken)));
        }

        var prices = PriceTable.Default;
        string?[] notes =
        [
            $"Simulated: {(load.Count == 1 ? "the message" : $"the {DisplayText.Count(load.Count)} messages")} of the last hour, handled "
                + (isMeasured
                    ? $"as the {DisplayText.Count(load.Handling.Count)} that were completed here."
                    : "in the time that you entered."),
            load.ColdStarts.Count == 0 ? "No cold start was measured here: executions are simulated without one." : null,
            .. WhatIfInput.LeftOut(job, load),
            StrategyFit.Problem(StrategyRules.InEffect(new() { Strategy = other.Strategy }), other.Worker.Completion) is { } problem
                ? $"{char.ToUpperInvariant(problem[0])}{problem[1..]}."
                : null,
            $"Prices: {prices.Name}, {prices.Date:yyyy-MM-dd}; without the monthly free grant.",
        ];
        return $"{WhatIfTable.Of(columns, prices)}\n{string.Join("\n\n", notes.OfType<string>())}\n";
    }

    /// <summary>
    /// The offset between polls in Azure and messages is unknown: the first message waits for half an interval, which is the mean.
    /// </summary>
    private static SimulationResult Run(SimulationInput input, CancellationToken cancellationToken) =>
        JobSimulation.Run(input with { FirstPoll = TimeSpan.FromSeconds(input.Scale.PollingIntervalSeconds / 2d) }, cancellationToken);

    private static Distribution Constant(double seconds) => Distribution.Constant(TimeSpan.FromSeconds(seconds));

    private static string? Problem(InteractionInputCollection inputs, string name, double least, double most, bool isWhole) =>
        Text(inputs, name) is { } text
            && !(Parse(text) is { } number && number >= least && number <= most && (!isWhole || number == Math.Floor(number)))
            ? string.Create(
                CultureInfo.InvariantCulture, $"Enter a {(isWhole ? "whole number" : "number")} from {least} to {most}, or nothing.")
            : null;

    private static double? Read(InteractionInputCollection inputs, string name) => Text(inputs, name) is { } text ? Parse(text) : null;

    private static double? Parse(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string? Text(InteractionInputCollection inputs, string name) =>
        inputs.TryGetByName(name, out var input) && !string.IsNullOrWhiteSpace(input.Value) ? input.Value.Trim() : null;
}
