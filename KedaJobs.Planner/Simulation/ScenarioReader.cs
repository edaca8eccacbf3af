using KedaJobs.Scaling.Definitions;
using KedaJobs.Scaling.Json;
using KedaJobs.Scaling.Rules;
using KedaJobs.Scaling.Simulation;

namespace KedaJobs.Planner.Simulation;

/// <summary>A scenario that can be simulated.</summary>
/// <param name="Title">What to call it.</param>
/// <param name="Input">What to simulate.</param>
/// <param name="Notes">What the simulation leaves out, and what does not fit together.</param>
internal sealed record Scenario(string Title, SimulationInput Input, IReadOnlyList<string> Notes)
{
    /// <summary>The same with other settings; the notes on the strategy are made again.</summary>
    public Scenario With(SimulationInput input) => this with { Input = input };

    public IEnumerable<string> AllNotes =>
        StrategyFit.Problem(
            StrategyRules.InEffect(new() { Strategy = Input.Strategy, Percentage = Input.Percentage }),
            Input.Worker.Completion) is { } problem
            ? Notes.Append(problem) : Notes;
}

/// <summary>Scenario file to simulation input.</summary>
internal static class ScenarioReader
{
    /// <exception cref="PlannerInputException">The scenario, or a file that it names, is wrong.</exception>
    public static Scenario Read(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return InputFile.Read(path, utf8 => Read(utf8, Path.GetFileNameWithoutExtension(path), folder));
    }

    internal static Scenario Read(byte[] utf8, string name, string folder)
    {
        var document = StrictJson.Read(utf8, ScenarioJson.Default.ScenarioDocument);
        var fields = new JsonFields(utf8);
        var definition = document.Definition is { } file
            ? InputFile.Read(Path.Combine(folder, file), content => JobDefinitionFile.Read(content))
            : null;
        var notes = new List<string>();
        var declared = definition is null ? null : DeclaredTriggers.Of(definition, notes);
        var queues = Queues(fields, document, declared, folder, notes);
        var input = new SimulationInput
        {
            Seed = document.Seed ?? 1,
            Queues = queues,
            CronRules = CronRules(fields, document, declared, queues.Count),
            Start = fields.Instant(document.Start, "start"),
            Scale = Scale(fields, document.Scale, definition?.Scale ?? new()),
            Strategy = fields.OneOf(document.Scale?.Strategy, "scale.strategy", "default", "custom", "accurate", "eager"),
            Calculation = fields.OneOf(document.Scale?.Calculation, "scale.calculation", "max", "min", "avg", "sum"),
            Deduction = document.Scale?.Deduction,
            Percentage = document.Scale?.Percentage,
            Execution = Execution(fields, document.Execution, definition?.Execution ?? new()),
            Resources = new(
                fields.Above0(document.Resources?.CpuCores, "resources.cpuCores") ?? definition?.Resources.CpuCores ?? 0.5m,
                fields.Above0(document.Resources?.MemoryGi, "resources.memoryGi") ?? definition?.Resources.MemoryGi ?? 1m),
            Worker = Worker(fields, document.Worker),
            Work = ScenarioTimes.Read(fields, document.Work, "work") ?? Distribution.Constant(TimeSpan.FromSeconds(1)),
            SecondsPerKiB = fields.AtLeast(document.Work?.SecondsPerKiB, 0, "work.secondsPerKiB") ?? 0,
            ImagePull = ScenarioTimes.Read(fields, document.ColdStart?.ImagePull, "coldStart.imagePull")
                ?? Distribution.Constant(TimeSpan.Zero),
            ProcessStart = ScenarioTimes.Read(fields, document.ColdStart?.ProcessStart, "coldStart.processStart")
                ?? Distribution.Constant(TimeSpan.Zero),
            Failures = new()
            {
                Rate = fields.Share(document.Failures?.Rate, "failures.rate") ?? 0,
                PoisonRate = fields.Share(document.Failures?.PoisonRate, "failures.poisonRate") ?? 0,
                RetryDelay = fields.Seconds(document.Failures?.RetryDelaySeconds, 0, "failures.retryDelaySeconds") ?? TimeSpan.Zero,
                RetryFactor = fields.AtLeast(document.Failures?.RetryFactor, 1, "failures.retryFactor") ?? 1,
            },
            FirstPoll = fields.Seconds(document.FirstPollSeconds, 0, "firstPollSeconds"),
            LongestTail = fields.Seconds(document.LongestTailSeconds, 1, "longestTailSeconds") ?? TimeSpan.FromDays(1),
        };
        return new(document.Title ?? name, input, notes);
    }

    private static ScaleDefinition Scale(JsonFields fields, ScenarioScale? scale, ScaleDefinition declared)
    {
        var max = fields.AtLeast(scale?.MaxExecutions, 1, "scale.maxExecutions") ?? declared.MaxExecutions;
        var min = fields.AtLeast(scale?.MinExecutions, 0, "scale.minExecutions") ?? declared.MinExecutions;
        return min > max ? throw fields.Wrong("scale", $"minExecutions ({min}) must not be above maxExecutions ({max})")
            : new(
                fields.AtLeast(scale?.PollingIntervalSeconds, 1, "scale.pollingIntervalSeconds") ?? declared.PollingIntervalSeconds, min,
                max);
    }

    private static ExecutionDefinition Execution(JsonFields fields, ScenarioExecution? execution, ExecutionDefinition declared)
    {
        var parallelism = fields.AtLeast(execution?.Parallelism, 1, "execution.parallelism") ?? declared.Parallelism;
        var completions = fields.AtLeast(execution?.ReplicaCompletionCount, 1, "execution.replicaCompletionCount")
            ?? declared.ReplicaCompletionCount;
        return completions > parallelism
            ? throw fields.Wrong(
                "execution",
                $"replicaCompletionCount ({completions}) must not be above parallelism ({parallelism}): no execution could succeed")
            : new(
                fields.AtLeast(execution?.ReplicaTimeoutSeconds, 1, "execution.replicaTimeoutSeconds") ?? declared.ReplicaTimeoutSeconds,
                fields.AtLeast(execution?.ReplicaRetryLimit, 0, "execution.replicaRetryLimit") ?? declared.ReplicaRetryLimit,
                parallelism,
                completions);
    }

    private static WorkerBehavior Worker(JsonFields fields, ScenarioWorker? worker)
    {
        var standard = new WorkerBehavior();
        return new()
        {
            Concurrency = fields.AtLeast(worker?.Concurrency, 1, "worker.concurrency") ?? standard.Concurrency,
            Prefetch = fields.AtLeast(worker?.Prefetch, 0, "worker.prefetch") ?? standard.Prefetch,
            Completion = fields.OneOf(worker?.Completion, "worker.completion", "late", "early") == "early"
                ? Completion.Early
                : Completion.Late,
            RenewsLocks = worker?.RenewsLocks ?? standard.RenewsLocks,
            IdleTime = fields.Seconds(worker?.IdleSeconds, 0.001, "worker.idleSeconds") ?? standard.IdleTime,
            MessageBudget = fields.AtLeast(worker?.MessageBudget, 1, "worker.messageBudget"),
            TimeBudget = fields.Seconds(worker?.TimeBudgetSeconds, 0.001, "worker.timeBudgetSeconds"),
            DrainsOnStop = worker?.DrainsOnStop ?? standard.DrainsOnStop,
            ShutdownGrace = fields.Seconds(worker?.ShutdownGraceSeconds, 0, "worker.shutdownGraceSeconds") ?? standard.ShutdownGrace,
        };
    }

    private static List<SimulatedQueue> Queues(
        JsonFields fields, ScenarioDocument document, DeclaredTriggers? declared, string folder, List<string> notes)
    {
        if (document.Queues is not { Count: > 0 })
        {
            throw fields.Wrong("queues", "must be an array of at least one queue with its arrivals");
        }

        var queues = new List<SimulatedQueue>();
        foreach (var (index, queue) in document.Queues.Index())
        {
            var path = $"queues[{index}]";
            if (queue is null)
            {
                throw fields.Wrong(path, "must be an object");
            }

            var name = queue.Name ?? (declared is { Queues.Count: 1 } ? declared.Queues[0].Name : $"queue {index + 1}");
            var known = declared is null ? SimulatedQueue.Empty(name)
                : declared.Queues.Find(other => other.Name == name)
                ?? throw fields.Wrong(
                    queue.Name is null ? path : $"{path}.name",
                    "must name one of the job definition's triggers: "
                        + $"{string.Join(", ", declared.Queues.Select(other => $"'{other.Name}'"))}");
            if (queues.Exists(other => other.Name == name))
            {
                throw fields.Wrong($"{path}.name", $"'{name}' appears twice");
            }

            queues.Add(known with
            {
                Arrivals = ScenarioArrivalsReader.Read(fields, queue.Arrivals, $"{path}.arrivals", folder),
                MessageCount = fields.AtLeast(queue.MessageCount, 1, $"{path}.messageCount") ?? known.MessageCount,
                ActivationMessageCount = fields.AtLeast(queue.ActivationMessageCount, 0, $"{path}.activationMessageCount")
                    ?? known.ActivationMessageCount,
                LockDuration = fields.Seconds(queue.LockDurationSeconds, 0.001, $"{path}.lockDurationSeconds") ?? known.LockDuration,
                MaxDeliveryCount = fields.AtLeast(queue.MaxDeliveryCount, 1, $"{path}.maxDeliveryCount") ?? known.MaxDeliveryCount,
            });
        }

        return declared is null ? queues : InDeclaredOrder(queues, declared, notes);
    }

    private static List<SimulatedQueue> InDeclaredOrder(List<SimulatedQueue> queues, DeclaredTriggers declared, List<string> notes)
    {
        notes.AddRange(declared.Queues.Where(other => !queues.Exists(queue => queue.Name == other.Name)).Select(other =>
            $"the trigger '{other.Name}' has no arrivals in the scenario: it is simulated as empty"));
        return [.. declared.Queues.Select(other => queues.Find(queue => queue.Name == other.Name) ?? other)];
    }

    private static List<SimulatedCronRule> CronRules(JsonFields fields, ScenarioDocument document, DeclaredTriggers? declared, int queues)
    {
        var rules = new List<SimulatedCronRule>(declared?.CronRules ?? []);
        foreach (var (index, cron) in (document.Cron ?? []).Index())
        {
            var path = $"cron[{index}]";
            rules.Add(
                new(cron?.Name ?? $"cron {index + 1}", fields.Cron(cron ?? throw fields.Wrong(path, "must be an object"), path), queues));
        }

        return rules.Count == 0 || document.Start is not null ? rules
            : throw fields.Wrong(
                "start",
                $"is missing: the cron rule '{rules[0].Name}' needs the time at which the scenario begins, "
                    + "for instance \"2026-05-04T00:00:00+02:00\"");
    }
}
