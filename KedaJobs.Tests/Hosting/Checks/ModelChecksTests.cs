using KedaJobs.Hosting;
using KedaJobs.Hosting.Checks;
using static KedaJobs.Tests.Hosting.Checks.CheckedModels;

namespace KedaJobs.Tests.Hosting.Checks;

public class ModelChecksTests
{
    [Fact]
    public void Sound_declaration_has_no_finding() => Assert.Empty(Run(Job()));

    public static TheoryData<string, Action<EventJobOptions>> WrongOptions => new()
    {
        { "KJ003 worker: MessageCount is 0", o => o.MessageCount = 0 },
        { "KJ004 worker: MaxExecutions is 0", o => (o.MinExecutions, o.MaxExecutions) = (0, 0) },
        { "KJ004 worker: MinExecutions is -1", o => o.MinExecutions = -1 },
        { "KJ004 worker: MinExecutions (6) is greater than MaxExecutions (5)", o => (o.MinExecutions, o.MaxExecutions) = (6, 5) },
        { "KJ005 worker: PollingInterval is 0.5 s", o => o.PollingInterval = TimeSpan.FromMilliseconds(500) },
        { "KJ005 worker: PollingInterval is 1.5 s", o => o.PollingInterval = TimeSpan.FromSeconds(1.5) },
        {
            "KJ006 worker: ReplicaTimeout (59 s) is shorter than the lock duration of 'jobs' (60 s)",
            o => o.ReplicaTimeout = TimeSpan.FromSeconds(59)
        },
        {
            "KJ007 worker: TimeBudget is 600 s and ReplicaTimeout 600 s",
            o => (o.ReplicaTimeout, o.TimeBudget) = (TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10))
        },
        { "KJ007 worker: TimeBudget is 0 s", o => o.TimeBudget = TimeSpan.Zero },
        { "KJ012 worker: Cpu is 0.3.", o => o.Cpu = 0.3m },
        { "KJ012 worker: Cpu is 4.25.", o => o.Cpu = 4.25m },
        { "KJ012 worker: Cpu 0.5 cannot be combined with MemoryGi 2.", o => o.MemoryGi = 2 },
        { "KJ013 worker: ActivationMessageCount is -1", o => o.ActivationMessageCount = -1 },
        { "KJ014 worker: ActivationMessageCount is 3", o => o.ActivationMessageCount = 3 },
        { "KJ015 worker: Parallelism is 0", o => o.Parallelism = 0 },
        { "KJ015 worker: ReplicaCompletionCount is 0", o => o.ReplicaCompletionCount = 0 },
        { "KJ015 worker: ReplicaCompletionCount (2) is greater than Parallelism (1)", o => o.ReplicaCompletionCount = 2 },
        { "KJ015 worker: ReplicaRetryLimit is -1", o => o.ReplicaRetryLimit = -1 },
        { "KJ016 worker: ReplicaTimeout is 0 s", o => o.ReplicaTimeout = TimeSpan.Zero },
        { "KJ016 worker: ReplicaTimeout is 90.5 s", o => o.ReplicaTimeout = TimeSpan.FromSeconds(90.5) },
        { "KJ021 worker: MessageBudget is 0", o => o.MessageBudget = 0 },
    };

    [Theory]
    [MemberData(nameof(WrongOptions))]
    public void Wrong_option_is_named_with_its_cure(string expected, Action<EventJobOptions> change)
    {
        var options = new EventJobOptions();
        change(options);

        AssertOnly(expected, Run(Job(options)));
    }

    public static TheoryData<string, string> JobNames => new()
    {
        { "a", "" },
        { "Worker-1", "" },
        { new string('a', 31), "" },
        { new string('a', 32), "has 32 characters" },
        { "1worker", "not accepted" },
        { "worker-", "not accepted" },
        { "wor--ker", "not accepted" },
        { "wor_ker", "not accepted" },
    };

    [Theory]
    [MemberData(nameof(JobNames))]
    public void Job_name_follows_container_apps(string name, string expected)
    {
        var findings = Run(Job() with { Resource = name });

        if (expected.Length == 0)
        {
            Assert.Empty(findings);
        }
        else
        {
            var finding = Assert.Single(findings);
            Assert.Equal(CheckCode.JobName, finding.Code);
            Assert.Contains(expected, finding.Problem, StringComparison.Ordinal);
        }
    }

    public static TheoryData<string, string, object> WrongQueues => new()
    {
        {
            "lock too short",
            "KJ019 worker: LockDuration of 'jobs' is 00:00:00.5000000",
            Queue with { LockDuration = TimeSpan.FromSeconds(0.5) }
        },
        { "lock too long", "KJ019 worker: LockDuration of 'jobs' is 00:05:01", Queue with { LockDuration = TimeSpan.FromSeconds(301) } },
        { "no delivery", "KJ019 worker: MaxDeliveryCount of 'jobs' is 0", Queue with { MaxDeliveryCount = 0 } },
        {
            "endless",
            "KJ009 worker: 'jobs' dead-letters a message only after 2147483647 deliveries",
            Queue with { MaxDeliveryCount = int.MaxValue }
        },
        {
            "expiry",
            "KJ017 worker: messages in 'jobs' expire after 01:00:00",
            Queue with { DefaultMessageTimeToLive = TimeSpan.FromHours(1) }
        },
        {
            "no time to live",
            "KJ019 worker: DefaultMessageTimeToLive of 'jobs' is 00:00:00",
            Queue with { DefaultMessageTimeToLive = TimeSpan.Zero }
        },
        {
            "window",
            "KJ019 worker: DuplicateDetectionHistoryTimeWindow of 'jobs' is 8.00:00:00",
            Queue with { DuplicateDetectionHistoryTimeWindow = TimeSpan.FromDays(8) }
        },
        { "sessions", "KJ008 worker: 'jobs' requires sessions", Queue with { RequiresSession = true } },
        {
            "session subscription", "KJ008 worker: 'news/Subscriptions/all' requires sessions", Subscription with { RequiresSession = true }
        },
        { "long name", "KJ018 worker: Service Bus or Bicep does not accept the queue name", Queue with { Entity = new string('q', 261) } },
        { "bad name", "KJ018 worker: Service Bus or Bicep does not accept the queue name 'jobs?'", Queue with { Entity = "jobs?" } },
        {
            "framework's name",
            "KJ018 worker: Service Bus or Bicep does not accept the queue name 'Fault--X--'",
            Queue with { Entity = "Fault--X--" }
        },
        { "path", "KJ018 worker: Service Bus or Bicep does not accept the queue name 'a/b'", Queue with { Entity = "a/b" } },
        {
            "bad topic",
            "KJ018 worker: Service Bus or Bicep does not accept the topic name 'news!'",
            Subscription with { Entity = "news!/Subscriptions/all", TopicName = "news!" }
        },
        {
            "bad subscription",
            "KJ018 worker: Service Bus or Bicep does not accept the subscription name 'a/b'",
            Subscription with { SubscriptionName = "a/b" }
        },
        {
            "long subscription",
            "KJ018 worker: Service Bus or Bicep does not accept the subscription name",
            Subscription with { SubscriptionName = new string('s', 51) }
        },
        {
            "subscription's lock",
            "KJ019 worker: LockDuration of 'news/Subscriptions/all' is 00:06:00",
            Subscription with { LockDuration = TimeSpan.FromMinutes(6) }
        },
        {
            "subscription endless",
            "KJ009 worker: 'news/Subscriptions/all' dead-letters a message only after 101 deliveries",
            Subscription with { MaxDeliveryCount = 101 }
        },
        {
            "subscription's expiry",
            "KJ017 worker: messages in 'news/Subscriptions/all' expire after 01:00:00",
            Subscription with { DefaultMessageTimeToLive = TimeSpan.FromHours(1) }
        },
    };

    [Theory]
    [MemberData(nameof(WrongQueues))]
    public void Wrong_queue_is_named_with_its_cure(string name, string expected, object declared)
    {
        _ = name;
        var trigger = (CheckedTrigger)declared;
        var job = Job() with { Triggers = [trigger], References = [new(trigger.Namespace, trigger.Entity)] };

        AssertOnly(expected, Run(job));
    }

    [Fact]
    public void Expiry_that_is_dead_lettered_is_fine() =>
        Assert.Empty(Run(Job() with
        {
            Triggers = [Queue with { DefaultMessageTimeToLive = TimeSpan.FromHours(1), DeadLetteringOnMessageExpiration = true }],
        }));

    [Fact]
    public void Longer_lock_needs_longer_timeout() =>
        AssertOnly("KJ006 worker: ReplicaTimeout (120 s) is shorter than the lock duration of 'jobs' (180 s)",
            Run(Job(new() { ReplicaTimeout = TimeSpan.FromMinutes(2) }) with
            {
                Triggers = [Queue with { LockDuration = TimeSpan.FromMinutes(3) }],
            }));

    [Fact]
    public void Reference_to_the_namespace_is_enough() => Assert.Empty(Run(Job() with { References = [new("messaging", null)] }));

    [Theory]
    [InlineData("News/Subscriptions/All", true)]
    [InlineData("news", true)]
    [InlineData("news/Subscriptions/other", false)]
    public void Subscription_is_readable_by_itself_or_its_topic(string reference, bool isReadable)
    {
        var findings = Run(Job() with { Triggers = [Subscription], References = [new("messaging", reference)] });

        Assert.Equal(isReadable ? [] : [CheckCode.MissingReference], findings.Select(finding => finding.Code));
    }

    [Fact]
    public void No_reference_is_found() =>
        AssertOnly("KJ011 worker: executions are started for 'jobs' of 'messaging', but the worker has no reference to it",
            Run(Job() with { References = [new("messaging", "results")] }));

    [Fact]
    public void Reference_to_the_same_name_elsewhere_is_found() =>
        AssertOnly("KJ010 worker: executions are started for 'jobs' of 'messaging', but the worker reads 'jobs' of 'other'",
            Run(Job() with { References = [new("other", "JOBS")] }));

    [Fact]
    public void Two_jobs_on_one_queue_are_found_once() =>
        AssertOnly("KJ002 second: 'worker' and 'second' are triggered by 'jobs'",
            ModelChecks.Run(new([Job(), Job() with { Resource = "second", Triggers = [Queue with { Entity = "Jobs" }] }])));

    [Fact]
    public void Two_jobs_on_queues_of_the_same_name_in_two_namespaces_are_fine() =>
        Assert.Empty(ModelChecks.Run(new(
        [
            Job(),
            Job() with { Resource = "second", Triggers = [Queue with { Namespace = "other" }], References = [new("other", "jobs")] },
        ])));

    public static TheoryData<string, object> WrongEntities => new()
    {
        {
            "KJ023 all: rule 'big' of 'news/Subscriptions/all' compares 'size' with 5 (Int32).",
            new CheckedRule("big") { Properties = [new("size", 5), new("region", "eu")] }
        },
        {
            "KJ023 all: rule 'big' of 'news/Subscriptions/all' compares 'size' with nothing (null).",
            new CheckedRule("big") { Properties = [new("size", null)] }
        },
        { "KJ032 all: rule 'big' of 'news/Subscriptions/all' is a SQL filter", new CheckedRule("big") { IsSql = true, IsEmpty = true } },
        { "KJ032 all: rule 'big' of 'news/Subscriptions/all' compares nothing", new CheckedRule("big") { IsEmpty = true } },
    };

    [Theory]
    [MemberData(nameof(WrongEntities))]
    public void Wrong_rule_of_any_subscription_is_named_with_its_cure(string expected, object rule) =>
        AssertOnly(expected, Run(Namespace(
            new("news", "news"),
            new("all", "news/Subscriptions/all") { Rules = [(CheckedRule)rule, new("sound") { Properties = [new("region", "eu")] }] })));

    [Theory]
    [InlineData("archive", "KJ031 q: ForwardTo of 'jobs' is 'archive', and 'messaging' has no queue or topic of that name")]
    [InlineData(
        "news/Subscriptions/all", "KJ031 q: ForwardTo of 'jobs' is 'news/Subscriptions/all', and 'messaging' has no queue or topic")]
    [InlineData("JOBS", "KJ031 q: ForwardTo of 'jobs' is the entity itself.")]
    [InlineData("News", null)]
    [InlineData("sb://contoso.servicebus.windows.net/news", null)]
    [InlineData("sb://contoso.servicebus.windows.net/archive", "KJ031 q: ForwardTo of 'jobs' is 'archive'")]
    [InlineData(null, null)]
    public void Forward_target_is_a_declared_queue_or_topic(string? target, string? expected)
    {
        CheckedNamespace Forwarding(CheckedEntity queue) => Namespace(queue, new("t", "news"), new("s", "news/Subscriptions/all"));

        AssertAnyOrNone(expected, Run(Forwarding(new("q", "jobs") { ForwardTo = target })));
        AssertAnyOrNone(
            expected?.Replace("ForwardTo", "ForwardDeadLetteredMessagesTo", StringComparison.Ordinal),
            Run(Forwarding(new("q", "jobs") { ForwardDeadLetteredMessagesTo = target })));
    }

    [Fact]
    public void Forward_target_in_a_namespace_that_exists_may_be_unknown() =>
        Assert.Empty(Run(Namespace(new CheckedEntity("q", "jobs") { ForwardTo = "archive" }) with { Exists = true }));

    [Fact]
    public void Two_brokers_are_found() => AssertOnly("KJ027 messaging: RunAsEmbedded and RunAsEmulator choose its broker.",
        Run(Namespace() with { RunVerbs = ["RunAsEmbedded", "RunAsEmulator"] }));

    [Fact]
    public void One_port_for_two_namespaces_is_found()
    {
        AssertOnly("KJ028 other: 'messaging' and 'other' are configured to listen on port 5672.",
            ModelChecks.Run(
                new([]) { Namespaces = [Namespace() with { Port = 5672 }, new("other") { Port = 5672 }, new("third"), new("fourth")] }));
        Assert.Empty(ModelChecks.Run(new([]) { Namespaces = [Namespace() with { Port = 5672 }, new("other") { Port = 5673 }] }));
    }

    public static TheoryData<string?, object[]> Waits => new()
    {
        { null, [
            new CheckedWait("web", "worker"),
            new CheckedWait("web", "migrations", IsForCompletion: true),
            new CheckedWait("web", "worker-01", IsForCompletion: true),
        ] },
        { "KJ029 web: it waits for the completion of 'worker', which is a job", [new CheckedWait("web", "worker", IsForCompletion: true)] },
        { "KJ029 worker: it waits for its own execution 'worker-01'", [new CheckedWait("worker", "worker-01")] },
        {
            "KJ029 worker: resources wait for each other: worker -> web -> cache -> worker.",
            [new CheckedWait("worker", "web"), new CheckedWait("web", "cache"), new CheckedWait("cache", "worker")]
        },
        {
            "KJ029 worker: resources wait for each other: worker -> web -> worker.",
            [new CheckedWait("worker", "web"), new CheckedWait("web", "worker-01")]
        },
    };

    [Theory]
    [MemberData(nameof(Waits))]
    public void Wait_that_never_ends_is_found(string? expected, object[] waits) => AssertAnyOrNone(
        expected, ModelChecks.Run(new([Job() with { Slots = ["worker-01"] }]) { Waits = [.. waits.Cast<CheckedWait>()] }));

    [Fact]
    public void Trigger_that_forwards_is_found() => AssertOnly("KJ030 worker: 'jobs' forwards every message to 'archive'",
        Run(Job() with { Triggers = [Queue with { ForwardTo = "archive" }] }));

    [Fact]
    public void One_execution_at_a_time_cannot_start_without_a_session() => Assert.Empty(
        Run(Job() with { Options = new() { MaxExecutions = 1 }, Triggers = [Queue with { RequiresSession = true }] }));

    [Fact]
    public void Further_trigger_is_checked_like_the_first()
    {
        CheckedQueue urgent =
            new("messaging", "urgent") { RuleName = "urgent", MessageCount = 0, ActivationMessageCount = -1, RequiresSession = true };

        Assert.Equal(
            ["KJ003", "KJ013", "KJ011", "KJ008"], Run(Job() with { Triggers = [Queue, urgent] }).Select(finding => finding.Code.Id));
    }

    [Fact]
    public void One_queue_twice_is_found() => AssertOnly("KJ002 worker: 'jobs' triggers it twice.",
        Run(Job() with { Triggers = [Queue, Queue with { RuleName = "again" }] }));

    [Fact]
    public void Queue_of_another_job_is_found_when_a_rule_counts_it()
    {
        var second = Job() with
        {
            Resource = "second",
            Triggers = [Queue with { Entity = "other" }],
            References = [new("messaging", "other")],
            FurtherRules = [Rule()],
        };

        Assert.Equal(
            ["KJ025", "KJ026"], ModelChecks.Run(new([Job(), second])).Select(finding => finding.Code.Id));
        Assert.Contains(ModelChecks.Run(new([Job(), second])), finding => finding.ToString().StartsWith(
            "KJ026 second: scale rule 'more' counts 'jobs', which triggers 'worker': if it is the same queue", StringComparison.Ordinal));
        Assert.Contains(Run(Job() with { FurtherRules = [Rule()] }), finding => finding.ToString().StartsWith(
            "KJ026 worker: scale rule 'more' counts 'jobs', which triggers 'worker': its messages are counted twice.",
            StringComparison.Ordinal));
    }

    [Fact]
    public void Connection_of_one_namespace_is_not_enough_for_two() =>
        AssertOnly("KJ020 worker: its triggers are in more than one namespace",
            Run(Job() with
            {
                HasScalerConnection = true,
                Triggers = [Queue, new CheckedQueue("other", "urgent") { RuleName = "urgent" }],
                References = [new("messaging", "jobs"), new("other", "urgent")],
            }));

    [Theory]
    [InlineData("0 3 * * *", null)]
    [InlineData("every night", "KJ024 worker: the schedule 'every night' has 2 fields; a schedule has five")]
    [InlineData("0 0 31 2 *", "KJ024 worker: the schedule '0 0 31 2 *' never comes")]
    public void Schedule_is_one_that_container_apps_takes(string schedule, string? expected) => AssertAnyOrNone(
        expected, Run(Job() with { Kind = JobKind.Scheduled, Schedule = schedule, Triggers = [] }));

    [Fact]
    public void Job_that_is_published_as_another_is_found() =>
        AssertOnly("KJ033 worker: it is declared with AsEventJob, but published with",
            Run(Job() with { IsPublishedOtherwise = true }));

    [Fact]
    public void Executable_without_dockerfile_is_found() =>
        AssertOnly("KJ034 worker: it is an executable", Run(Job() with { LacksDockerfile = true }));

    public static TheoryData<string?, object> Circles => new()
    {
        {
            null,
            new[] { new CheckedEntity("a", "a") { ForwardTo = "b" }, new("b", "b") { ForwardDeadLetteredMessagesTo = "c" }, new("c", "c") }
        },
        {
            "KJ040 a: entities forward to each other: 'a' -> 'b' -> 'c' -> 'a'.",
            new[]
            {
                new CheckedEntity("a", "a") { ForwardTo = "b" },
                new("b", "b") { ForwardTo = "sb://host/C" },
                new("c", "c") { ForwardDeadLetteredMessagesTo = "a" },
            }
        },
        {
            "KJ040 b: entities forward to each other: 'b' -> 'c' -> 'b'.",
            new[] { new CheckedEntity("a", "a") { ForwardTo = "b" }, new("b", "b") { ForwardTo = "c" }, new("c", "c") { ForwardTo = "b" } }
        },
        {
            null,
            new[]
            {
                new CheckedEntity("a", "a") { ForwardTo = "c", ForwardDeadLetteredMessagesTo = "b" },
                new("b", "b") { ForwardTo = "c" },
                new("c", "c"),
            }
        },
    };

    [Theory]
    [MemberData(nameof(Circles))]
    public void Circle_is_found_once(string? expected, object entities)
    {
        AssertAnyOrNone(expected, Run(Namespace((CheckedEntity[])entities)));
        Assert.Empty(Run(Namespace((CheckedEntity[])entities) with { Exists = true }));
    }

    [Fact]
    public void Secrets_of_the_environment_are_kept_apart_by_their_names()
    {
        AssertOnly("KJ039 worker: the environment variables 'API_KEY' and 'api-key' become one secret in Azure, 'api-key'",
            Run(Job() with { SecretVariables = [("API_KEY", "{a.value}"), ("OTHER", "{a.value}"), ("api-key", "{b.value}")] }));
        Assert.Empty(Run(Job() with { SecretVariables = [("API_KEY", "{a.value}"), ("api-key", "{a.value}"), ("APIKEY", "{b.value}")] }));
        AssertOnly("KJ041 worker: one of its arguments holds a secret", Run(Job() with { HasSecretArgument = true }));
    }

    [Fact]
    public void Budget_without_the_job_library_is_found()
    {
        CheckedJob Foreign(EventJobOptions options) => Job(options) with { UsesJobLibrary = false };

        AssertOnly(
            "KJ043 worker: MessageBudget is set, but only the KedaJobs.Jobs library uses it.",
            Run(Foreign(new() { MessageBudget = 5 })));
        AssertOnly("KJ043 worker: TimeBudget is set", Run(Foreign(new() { TimeBudget = TimeSpan.FromMinutes(1) })));
        Assert.Empty(Run(Foreign(new())));
        Assert.Empty(Run(Job(new() { MessageBudget = 5, TimeBudget = TimeSpan.FromMinutes(1) })));
    }

    [Fact]
    public void Every_finding_is_listed()
    {
        var options = new EventJobOptions { MessageCount = 0, Cpu = 9, PollingInterval = TimeSpan.Zero };

        Assert.Equal(["KJ003", "KJ005", "KJ012"], Run(Job(options)).Select(finding => finding.Code.Id));
    }
}
