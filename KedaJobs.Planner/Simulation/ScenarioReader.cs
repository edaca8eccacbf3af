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

    public IEnumerable<string> AllNotes => StrategyFit.Problem(StrategyRules.InEffect(new() { Strategy = Input.Strategy, Percentage = Input.Percentage }), Input.Worker.Completion) is { } problem
        ? Notes.Append(problem) : Notes;
}

/// <summary>Scenario file to simulation input.</summary>
internal static class ScenarioReader
{
    private const string ServiceBus = "azure-servicebus";

    /// <exception cref="PlannerInputException">The scenario, or a file that it names, is wrong.</exception>
    public static Scenario Read(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return InputFile.Read(path, utf8 => Read(utf8, Path.GetFileNameWithoutExtension(path), folder));
    }

    internal static Scenario Read(byte[] utf8, string name, string folder)
    {
        var document = StrictJson.Read(utf8, ScenarioJson.Default.ScenarioDocument);
        var fields = new ScenarioFields(utf8);
        var definition = document.Definition is { } file ? InputFile.Read(Path.Combine(folder, file), content => JobDefinitionFile.Read(content)) : null;
        var notes = new List<string>();
        var input = new SimulationInput
        {
            Seed = document.Seed ?? 1,
            Queues = Queues(fields, document, definition, folder, notes),
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
            Work = fields.Time(document.Work, "work") ?? Distribution.Constant(TimeSpan.FromSeconds(1)),
            SecondsPerKiB = fields.AtLeast(document.Work?.SecondsPerKiB, 0, "work.secondsPerKiB") ?? 0,
            ImagePull = fields.Time(document.ColdStart?.ImagePull, "coldStart.imagePull") ?? Distribution.Constant(TimeSpan.Zero),
            ProcessStart = fields.Time(document.ColdStart?.ProcessStart, "coldStart.processStart") ?? Distribution.Constant(TimeSpan.Zero),
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

    private static ScaleDefinition Scale(ScenarioFields fields, ScenarioScale? scale, ScaleDefinition declared)
    {
        var max = fields.AtLeast(scale?.MaxExecutions, 1, "scale.maxExecutions") ?? declared.MaxExecutions;
        var min = fields.AtLeast(scale?.MinExecutions, 0, "scale.minExecutions") ?? declared.MinExecutions;
        return min > max ? throw fields.Wrong("scale", $"minExecutions ({min}) must not be above maxExecutions ({max})")
            : new(fields.AtLeast(scale?.PollingIntervalSeconds, 1, "scale.pollingIntervalSeconds") ?? declared.PollingIntervalSeconds, min, max);
    }

    private static ExecutionDefinition Execution(ScenarioFields fields, ScenarioExecution? execution, ExecutionDefinition declared)
    {
        var parallelism = fields.AtLeast(execution?.Parallelism, 1, "execution.parallelism") ?? declared.Parallelism;
        var completions = fields.AtLeast(execution?.ReplicaCompletionCount, 1, "execution.replicaCompletionCount") ?? declared.ReplicaCompletionCount;
        return completions > parallelism
            ? throw fields.Wrong("execution", $"replicaCompletionCount ({completions}) must not be above parallelism ({parallelism}): no execution could succeed")
            : new(
                fields.AtLeast(execution?.ReplicaTimeoutSeconds, 1, "execution.replicaTimeoutSeconds") ?? declared.ReplicaTimeoutSeconds,
                fields.AtLeast(execution?.ReplicaRetryLimit, 0, "execution.replicaRetryLimit") ?? declared.ReplicaRetryLimit,
                parallelism,
                completions);
    }

    private static WorkerBehavior Worker(ScenarioFields fields, ScenarioWorker? worker)
    {
        var standard = new WorkerBehavior();
        return new()
        {
            Concurrency = fields.AtLeast(worker?.Concurrency, 1, "worker.concurrency") ?? standard.Concurrency,
            Prefetch = fields.AtLeast(worker?.Prefetch, 0, "worker.prefetch") ?? standard.Prefetch,
            Completion = fields.OneOf(worker?.Completion, "worker.completion", "late", "early") == "early" ? Completion.Early : Completion.Late,
            RenewsLocks = worker?.RenewsLocks ?? standard.RenewsLocks,
            IdleTime = fields.Seconds(worker?.IdleSeconds, 0.001, "worker.idleSeconds") ?? standard.IdleTime,
            MessageBudget = fields.AtLeast(worker?.MessageBudget, 1, "worker.messageBudget"),
            TimeBudget = fields.Seconds(worker?.TimeBudgetSeconds, 0.001, "worker.timeBudgetSeconds"),
            DrainsOnStop = worker?.DrainsOnStop ?? standard.DrainsOnStop,
            ShutdownGrace = fields.Seconds(worker?.ShutdownGraceSeconds, 0, "worker.shutdownGraceSeconds") ?? standard.ShutdownGrace,
        };
    }

    private static List<SimulatedQueue> Queues(ScenarioFields fields, ScenarioDocument document, JobDefinition? definition, string folder, List<string> notes)
    {
        if (document.Queues is not { Count: > 0 })
        {
            throw fields.Wrong("queues", "must be an array of at least one queue with its arrivals");
        }

        var declared = definition is null ? [] : Declared(definition, notes).ToList();
        var queues = new List<SimulatedQueue>();
        foreach (var (index, queue) in document.Queues.Index())
        {
            var path = $"queues[{index}]";
            if (queue is null)
            {
                throw fields.Wrong(path, "must be an object");
            }

            var name = queue.Name ?? (declared.Count == 1 ? declared[0].Name : $"queue {index + 1}");
            var known = declared.Find(other => other.Name == name);
            if (declared.Count > 0 && known is null)
            {
                throw fields.Wrong(queue.Name is null ? path : $"{path}.name", $"must name one of the job definition's triggers: {string.Join(", ", declared.Select(other => $"'{other.Name}'"))}");
            }

            if (queues.Exists(other => other.Name == name))
            {
                throw fields.Wrong($"{path}.name", $"'{name}' stands twice");
            }

            known ??= new(name, ArrivalPattern.None(TimeSpan.FromSeconds(1)));
            queues.Add(known with
            {
                Arrivals = ScenarioArrivalsReader.Read(fields, queue.Arrivals, $"{path}.arrivals", folder),
                MessageCount = fields.AtLeast(queue.MessageCount, 1, $"{path}.messageCount") ?? known.MessageCount,
                ActivationMessageCount = fields.AtLeast(queue.ActivationMessageCount, 0, $"{path}.activationMessageCount") ?? known.ActivationMessageCount,
                LockDuration = fields.Seconds(queue.LockDurationSeconds, 0.001, $"{path}.lockDurationSeconds") ?? known.LockDuration,
                MaxDeliveryCount = fields.AtLeast(queue.MaxDeliveryCount, 1, $"{path}.maxDeliveryCount") ?? known.MaxDeliveryCount,
            });
        }

        notes.AddRange(declared.Where(other => !queues.Exists(queue => queue.Name == other.Name)).Select(other =>
            $"the trigger '{other.Name}' has no arrivals in the scenario: it is simulated as empty"));
        return queues;
    }

    /// <summary>The queues and subscriptions that the definition's triggers count.</summary>
    private static IEnumerable<SimulatedQueue> Declared(JobDefinition job, List<string> notes)
    {
        yield return Entity(job, job.Trigger.Queue, job.Trigger.Topic, job.Trigger.Subscription) with
        {
            MessageCount = job.Trigger.MessageCount,
            ActivationMessageCount = job.Trigger.ActivationMessageCount,
        };
        foreach (var rule in job.Rules)
        {
            if (rule.Type != ServiceBus)
            {
                notes.Add($"the rule '{rule.Name}' ({rule.Type}) is not simulated: what it counts is not part of a scenario");
                continue;
            }

            var metadata = rule.Metadata;
            yield return Entity(job, metadata.GetValueOrDefault("queueName"), metadata.GetValueOrDefault("topicName"), metadata.GetValueOrDefault("subscriptionName")) with
            {
                MessageCount = Count(rule, "messageCount", TriggerReading.DefaultTarget),
                ActivationMessageCount = Count(rule, "activationMessageCount", 0),
            };
        }
    }

    private static long Count(ScaleRuleDefinition rule, string name, long otherwise) =>
        !rule.Metadata.TryGetValue(name, out var text) ? otherwise
            : long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var count) ? count
            : throw new PlannerInputException($"The job definition's rule '{rule.Name}' has {name} '{text}': write a whole number.");

    private static SimulatedQueue Entity(JobDefinition job, string? queue, string? topic, string? subscription)
    {
        var (locked, deliveries) = queue is null
            ? job.Topics.Where(other => other.Name == topic).SelectMany(other => other.Subscriptions).Where(other => other.Name == subscription)
                .Select(other => (other.LockDurationSeconds, other.MaxDeliveryCount)).FirstOrDefault()
            : job.Queues.Where(other => other.Name == queue).Select(other => (other.LockDurationSeconds, other.MaxDeliveryCount)).FirstOrDefault();
        return new(queue ?? $"{topic}/{subscription}", ArrivalPattern.None(TimeSpan.FromSeconds(1)))
        {
            LockDuration = locked is { } seconds ? TimeSpan.FromSeconds((double)seconds) : SimulatedQueue.DefaultLockDuration,
            MaxDeliveryCount = deliveries ?? SimulatedQueue.DefaultMaxDeliveryCount,
        };
    }
}
