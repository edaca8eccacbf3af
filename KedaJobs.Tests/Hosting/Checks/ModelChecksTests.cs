using KedaJobs.Hosting;
using KedaJobs.Hosting.Checks;
using KedaJobs.Scaling.Definitions;

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
        { "KJ006 worker: ReplicaTimeout (59 s) is shorter than the lock duration of 'jobs' (60 s)", o => o.ReplicaTimeout = TimeSpan.FromSeconds(59) },
        { "KJ007 worker: TimeBudget is 600 s and ReplicaTimeout 600 s", o => (o.ReplicaTimeout, o.TimeBudget) = (TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10)) },
        { "KJ007 worker: TimeBudget is 0 s", o => o.TimeBudget = TimeSpan.Zero },
        { "KJ012 worker: Cpu is 0.3.", o => o.Cpu = 0.3m },
        { "KJ012 worker: Cpu is 4.25.", o => o.Cpu = 4.25m },
        { "KJ012 worker: Cpu 0.5 does not go with MemoryGi 2.", o => o.MemoryGi = 2 },
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
        { "1worker", "refused" },
        { "worker-", "refused" },
        { "wor--ker", "refused" },
        { "wor_ker", "refused" },
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
        { "lock too short", "KJ019 worker: LockDuration of 'jobs' is 00:00:00.5000000", Queue with { LockDuration = TimeSpan.FromSeconds(0.5) } },
        { "lock too long", "KJ019 worker: LockDuration of 'jobs' is 00:05:01", Queue with { LockDuration = TimeSpan.FromSeconds(301) } },
        { "no delivery", "KJ019 worker: MaxDeliveryCount of 'jobs' is 0", Queue with { MaxDeliveryCount = 0 } },
        { "endless", "KJ009 worker: 'jobs' gives up on a message only after 2147483647 deliveries", Queue with { MaxDeliveryCount = int.MaxValue } },
        { "expiry", "KJ017 worker: messages in 'jobs' expire after 01:00:00", Queue with { DefaultMessageTimeToLive = TimeSpan.FromHours(1) } },
        { "no time to live", "KJ019 worker: DefaultMessageTimeToLive of 'jobs' is 00:00:00", Queue with { DefaultMessageTimeToLive = TimeSpan.Zero } },
        { "window", "KJ019 worker: DuplicateDetectionHistoryTimeWindow of 'jobs' is 8.00:00:00", Queue with { DuplicateDetectionHistoryTimeWindow = TimeSpan.FromDays(8) } },
        { "sessions", "KJ008 worker: 'jobs' requires sessions", Queue with { RequiresSession = true } },
        { "session subscription", "KJ008 worker: 'news/Subscriptions/all' requires sessions", Subscription with { RequiresSession = true } },
        { "long name", "KJ018 worker: Service Bus, or Bicep, refuses the queue name", Queue with { Entity = new string('q', 261) } },
        { "bad name", "KJ018 worker: Service Bus, or Bicep, refuses the queue name 'jobs?'", Queue with { Entity = "jobs?" } },
        { "framework's name", "KJ018 worker: Service Bus, or Bicep, refuses the queue name 'Fault--X--'", Queue with { Entity = "Fault--X--" } },
        { "path", "KJ018 worker: Service Bus, or Bicep, refuses the queue name 'a/b'", Queue with { Entity = "a/b" } },
        { "bad topic", "KJ018 worker: Service Bus, or Bicep, refuses the topic name 'news!'", Subscription with { Entity = "news!/Subscriptions/all", TopicName = "news!" } },
        { "bad subscription", "KJ018 worker: Service Bus, or Bicep, refuses the subscription name 'a/b'", Subscription with { SubscriptionName = "a/b" } },
        { "long subscription", "KJ018 worker: Service Bus, or Bicep, refuses the subscription name", Subscription with { SubscriptionName = new string('s', 51) } },
        { "subscription's lock", "KJ019 worker: LockDuration of 'news/Subscriptions/all' is 00:06:00", Subscription with { LockDuration = TimeSpan.FromMinutes(6) } },
        { "subscription endless", "KJ009 worker: 'news/Subscriptions/all' gives up on a message only after 101 deliveries", Subscription with { MaxDeliveryCount = 101 } },
        { "subscription's expiry", "KJ017 worker: messages in 'news/Subscriptions/all' expire after 01:00:00", Subscription with { DefaultMessageTimeToLive = TimeSpan.FromHours(1) } },
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
            Run(Job(new() { ReplicaTimeout = TimeSpan.FromMinutes(2) }) with { Triggers = [Queue with { LockDuration = TimeSpan.FromMinutes(3) }] }));

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
        { "KJ023 all: rule 'big' of 'news/Subscriptions/all' compares 'size' with 5 (Int32).", new CheckedRule("big") { Properties = [new("size", 5), new("region", "eu")] } },
        { "KJ023 all: rule 'big' of 'news/Subscriptions/all' compares 'size' with nothing (null).", new CheckedRule("big") { Properties = [new("size", null)] } },
        { "KJ032 all: rule 'big' of 'news/Subscriptions/all' is an SQL filter", new CheckedRule("big") { IsSql = true, IsEmpty = true } },
        { "KJ032 all: rule 'big' of 'news/Subscriptions/all' compares nothing", new CheckedRule("big") { IsEmpty = true } },
    };

    [Theory]
    [MemberData(nameof(WrongEntities))]
    public void Wrong_rule_of_any_subscription_is_named_with_its_cure(string expected, object rule) =>
        AssertOnly(expected, Run(Namespace(new("news", "news"), new("all", "news/Subscriptions/all") { Rules = [(CheckedRule)rule, new("sound") { Properties = [new("region", "eu")] }] })));

    [Theory]
    [InlineData("archive", "KJ031 q: ForwardTo of 'jobs' is 'archive', and 'messaging' has no queue or topic of that name")]
    [InlineData("news/Subscriptions/all", "KJ031 q: ForwardTo of 'jobs' is 'news/Subscriptions/all', and 'messaging' has no queue or topic")]
    [InlineData("JOBS", "KJ031 q: ForwardTo of 'jobs' is the entity itself.")]
    [InlineData("News", null)]
    [InlineData("sb://contoso.servicebus.windows.net/news", null)]
    [InlineData("sb://contoso.servicebus.windows.net/archive", "KJ031 q: ForwardTo of 'jobs' is 'archive'")]
    [InlineData(null, null)]
    public void Forward_target_is_a_declared_queue_or_topic(string? target, string? expected)
    {
        CheckedNamespace Forwarding(CheckedEntity queue) => Namespace(queue, new("t", "news"), new("s", "news/Subscriptions/all"));

        AssertAnyOrNone(expected, Run(Forwarding(new("q", "jobs") { ForwardTo = target })));
        AssertAnyOrNone(expected?.Replace("ForwardTo", "ForwardDeadLetteredMessagesTo", StringComparison.Ordinal), Run(Forwarding(new("q", "jobs") { ForwardDeadLetteredMessagesTo = target })));
    }

    [Fact]
    public void Forward_target_in_a_namespace_that_exists_may_be_unknown() =>
        Assert.Empty(Run(Namespace(new CheckedEntity("q", "jobs") { ForwardTo = "archive" }) with { Exists = true }));

    [Fact]
    public void Two_brokers_are_found() => AssertOnly("KJ027 messaging: RunAsEmbedded and RunAsEmulator say what it runs on.",
        Run(Namespace() with { RunVerbs = ["RunAsEmbedded", "RunAsEmulator"] }));

    [Fact]
    public void One_port_for_two_namespaces_is_found()
    {
        AssertOnly("KJ028 other: 'messaging' and 'other' are to listen on port 5672.",
            ModelChecks.Run(new([]) { Namespaces = [Namespace() with { Port = 5672 }, new("other") { Port = 5672 }, new("third"), new("fourth")] }));
        Assert.Empty(ModelChecks.Run(new([]) { Namespaces = [Namespace() with { Port = 5672 }, new("other") { Port = 5673 }] }));
    }

    public static TheoryData<string?, object[]> Waits => new()
    {
        { null, [new CheckedWait("web", "worker"), new CheckedWait("web", "migrations", IsForCompletion: true), new CheckedWait("web", "worker-01", IsForCompletion: true)] },
        { "KJ029 web: it waits for the completion of 'worker', which is a job", [new CheckedWait("web", "worker", IsForCompletion: true)] },
        { "KJ029 worker: it waits for its own execution 'worker-01'", [new CheckedWait("worker", "worker-01")] },
        { "KJ029 worker: resources wait for each other: worker -> web -> cache -> worker.", [new CheckedWait("worker", "web"), new CheckedWait("web", "cache"), new CheckedWait("cache", "worker")] },
        { "KJ029 worker: resources wait for each other: worker -> web -> worker.", [new CheckedWait("worker", "web"), new CheckedWait("web", "worker-01")] },
    };

    [Theory]
    [MemberData(nameof(Waits))]
    public void Wait_that_never_ends_is_found(string? expected, object[] waits) => AssertAnyOrNone(
        expected, ModelChecks.Run(new([Job() with { Slots = ["worker-01"] }]) { Waits = [.. waits.Cast<CheckedWait>()] }));

    [Fact]
    public void Trigger_that_forwards_is_found() => AssertOnly("KJ030 worker: 'jobs' forwards every message to 'archive'",
        Run(Job() with { Triggers = [Queue with { ForwardTo = "archive" }] }));

    [Fact]
    public void Further_trigger_is_checked_like_the_first()
    {
        CheckedQueue urgent = new("messaging", "urgent") { RuleName = "urgent", MessageCount = 0, ActivationMessageCount = -1, RequiresSession = true };

        Assert.Equal(["KJ003", "KJ013", "KJ011", "KJ008"], Run(Job() with { Triggers = [Queue, urgent] }).Select(finding => finding.Code.Id));
    }

    [Fact]
    public void One_queue_twice_is_found() => AssertOnly("KJ002 worker: 'jobs' triggers it twice.",
        Run(Job() with { Triggers = [Queue, Queue with { RuleName = "again" }] }));

    [Fact]
    public void Queue_of_another_job_is_found_when_a_rule_counts_it()
    {
        var second = Job() with { Resource = "second", Triggers = [Queue with { Entity = "other" }], References = [new("messaging", "other")], FurtherRules = [Rule()] };

        Assert.Equal(
            ["KJ025", "KJ026"], ModelChecks.Run(new([Job(), second])).Select(finding => finding.Code.Id));
        Assert.Contains(ModelChecks.Run(new([Job(), second])), finding => finding.ToString().StartsWith(
            "KJ026 second: scale rule 'more' counts 'jobs', which triggers 'worker': if it is the same queue", StringComparison.Ordinal));
        Assert.Contains(Run(Job() with { FurtherRules = [Rule()] }), finding => finding.ToString().StartsWith(
            "KJ026 worker: scale rule 'more' counts 'jobs', which triggers 'worker': its messages are counted twice.", StringComparison.Ordinal));
    }

    [Fact]
    public void Connection_of_one_namespace_is_not_enough_for_two() => AssertOnly("KJ020 worker: its triggers are in more than one namespace",
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
    public void Job_that_is_published_as_another_is_found() => AssertOnly("KJ033 worker: it is declared with AsEventJob, and published with",
        Run(Job() with { IsPublishedOtherwise = true }));

    [Fact]
    public void Executable_without_dockerfile_is_found() => AssertOnly("KJ034 worker: it is an executable", Run(Job() with { LacksDockerfile = true }));

    public static TheoryData<string, object> WrongRules => new()
    {
        { "KJ022 worker: a scale rule has no name", Rule() with { Name = "" } },
        { "KJ022 worker: the scale rule name 'a b' is refused", Rule() with { Name = "a b" } },
        { "KJ022 worker: the scale rule name 'worker' is used twice", Rule() with { Name = "worker" } },
        { "KJ020 worker: scale rule 'more': it has no type", Rule() with { Type = "" } },
        { "KJ020 worker: scale rule 'more': it names a queue and a topic", Rule(("topicName", "t"), ("subscriptionName", "s")) },
        { "KJ020 worker: scale rule 'more': it does not say what to count", Rule(("queueName", ""), ("topicName", "t")) },
        { "KJ020 worker: scale rule 'more': it uses an identity, but names no namespace", Rule(("namespace", "")) },
        { "KJ020 worker: scale rule 'more': it has neither an identity nor a connection", Rule() with { HasIdentity = false } },
        { "KJ020 worker: scale rule 'more': messageCount is 'five'", Rule(("messageCount", "five")) },
        { "KJ020 worker: scale rule 'more': messageCount is '0'", Rule(("messageCount", "0")) },
        { "KJ020 worker: scale rule 'more': activationMessageCount is '-1'", Rule(("activationMessageCount", "-1")) },
        { "KJ020 worker: scale rule 'more': useRegex is 'yes'", Rule(("useRegex", "yes")) },
        { "KJ020 worker: scale rule 'more': desiredReplicas is missing.", new CheckedScaleRule("more", "cron", new Dictionary<string, string> { ["timezone"] = "Etc/UTC", ["start"] = "0 8 * * *", ["end"] = "0 9 * * *" }) },
        { "KJ020 worker: scale rule 'more': operation is 'median'", Rule(("operation", "median")) },
    };

    [Theory]
    [MemberData(nameof(WrongRules))]
    public void Wrong_scale_rule_is_named_with_its_cure(string expected, object rule) =>
        AssertOnly(expected, [.. Run(Job() with { FurtherRules = [(CheckedScaleRule)rule] }).Where(finding => finding.Code.Severity == CheckSeverity.Error)]);

    [Fact]
    public void Sound_scale_rules_are_taken_and_those_that_are_not_read_here_say_so()
    {
        var findings = Run(Job() with
        {
            FurtherRules =
            [
                Rule(("queueName", "other")),
                Rule(("queueName", "another")) with { Name = "by-secret", HasIdentity = false, SecretParameters = ["connection"] },
                new("known-by-name", "datadog", new Dictionary<string, string> { ["anything"] = "goes" }),
                new("files", "azure-queue", new Dictionary<string, string> { ["queueName"] = "files" }) { References = ["accountName"], HasIdentity = true },
                new("day", "cron", new Dictionary<string, string> { ["timezone"] = "Etc/UTC", ["start"] = "0 8 * * *", ["end"] = "0 9 * * *", ["desiredReplicas"] = "1" }),
            ],
        });

        Assert.Equal(
            ["KJ025 worker: scale rule 'more' of type", "KJ025 worker: scale rule 'by-secret' of", "KJ025 worker: scale rule 'known-by-name", "KJ025 worker: scale rule 'files' of typ"],
            findings.Select(finding => finding.ToString()[..39]));
    }

    public static TheoryData<string, string, string, string?> Metadata => new()
    {
        // type, name, value, what is found of it
        { "azure-servicebus", "messageCout", "9", "KJ020 worker: scale rule 'more': the scaler 'azure-servicebus' has no metadata 'messageCout'; it has 'messageCount'." },
        { "azure-servicebus", "mesageCuont", "9", "KJ020 worker: scale rule 'more': the scaler 'azure-servicebus' has no metadata 'mesageCuont'; it has 'messageCount'." },
        { "azure-servicebus", "CLOUD", "Private", "KJ020 worker: scale rule 'more': the scaler 'azure-servicebus' has no metadata 'CLOUD'; it has 'cloud'." },
        { "azure-servicebus", "queueLength", "9", "KJ036 worker: scale rule 'more': the scaler 'azure-servicebus' is not known to have metadata 'queueLength'" },
        { "azure-servicebus", "cloud", "azureusgovernmentcloud", null },
        { "azure-servicebus", "cloud", "AzureGermanCloud", null },
        { "azure-servicebus", "cloud", "Azure", "KJ020 worker: scale rule 'more': cloud is 'Azure'." },
        { "azure-servicebus", "namespace", "sb://contoso.servicebus.windows.net/", "KJ020 worker: scale rule 'more': namespace is 'sb://contoso.servicebus.windows.net/', which is an address" },
        { "azure-servicebus", "namespace", "contoso-2", null },
        { "azure-queue", "queueLenght", "9", "KJ020 worker: scale rule 'more': the scaler 'azure-queue' has no metadata 'queueLenght'; it has 'queueLength'." },
        { "azure-queue", "accountName", "store.queue.core.windows.net", "KJ020 worker: scale rule 'more': accountName is 'store.queue.core.windows.net', which is an address" },
        { "azure-blob", "blobCont", "9", "KJ020 worker: scale rule 'more': the scaler 'azure-blob' has no metadata 'blobCont'; it has 'blobCount'." },
        { "azure-eventhub", "eventHubNameSpace", "hubs", "KJ020 worker: scale rule 'more': the scaler 'azure-eventhub' has no metadata 'eventHubNameSpace'; it has 'eventHubNamespace'." },
        { "azure-eventhub", "cloud", "Private", "KJ020 worker: scale rule 'more': cloud is 'Private', and storageEndpointSuffix is missing." },
        { "azure-log-analytics", "cloud", "private", "KJ020 worker: scale rule 'more': cloud is 'private', and logAnalyticsResourceURL is missing." },
        { "rabbitmq", "vhostname", "v", "KJ020 worker: scale rule 'more': the scaler 'rabbitmq' has no metadata 'vhostname'; it has 'vhostName'." },
        { "rabbitmq", "hostFromEnv", "RABBIT", null },
        { "kafka", "lagTreshold", "9", "KJ020 worker: scale rule 'more': the scaler 'kafka' has no metadata 'lagTreshold'; it has 'lagThreshold'." },
        { "prometheus", "authModes", "bearer", null },
        { "external", "whatever", "goes", null },
        { "rabitmq", "queueName", "post", "KJ020 worker: scale rule 'more': its type is 'rabitmq'; KEDA has 'rabbitmq'." },
        { "HTTP", "concurrentRequests", "5", "KJ020 worker: scale rule 'more': its type is 'HTTP', which counts requests" },
        { "our-own", "a", "b", "KJ036 worker: scale rule 'more': its type 'our-own' is not one of the KEDA scalers known here" },
    };

    [Theory]
    [MemberData(nameof(Metadata))]
    public void Metadata_that_KEDA_does_not_have_is_found(string type, string name, string value, string? expected)
    {
        var metadata = new Dictionary<string, string> { [name] = value };
        if (type == "azure-servicebus")
        {
            metadata.TryAdd("queueName", "other");
            metadata.TryAdd("namespace", "contoso");
        }

        var findings = Run(Job() with { FurtherRules = [new("more", type, metadata) { HasIdentity = true }] });

        AssertAnyOrNone(expected, [.. findings.Where(finding => finding.Code != CheckCode.RuleInAzureOnly)]);
    }

    [Fact]
    public void Rule_of_a_job_in_another_cloud_names_the_cloud()
    {
        CheckedJob Rules(params CheckedScaleRule[] rules) => Job(new() { Cloud = AzureCloud.China }) with { FurtherRules = rules };
        CheckedScaleRule Files(string? cloud) => new("files", "azure-queue", cloud is null ? new Dictionary<string, string>() : new() { ["cloud"] = cloud }) { HasIdentity = true };

        AssertOnly("KJ042 worker: scale rule 'files' names no cloud, so it looks in the public one, and the job is published to China.",
            [.. Run(Rules(Files(null))).Where(finding => finding.Code != CheckCode.RuleInAzureOnly)]);
        Assert.DoesNotContain(Run(Rules(Files("AzurePublicCloud"), new("post", "rabbitmq", new Dictionary<string, string>()))), finding => finding.Code == CheckCode.PublicCloud);
        Assert.DoesNotContain(Run(Job() with { FurtherRules = [Files(null)] }), finding => finding.Code == CheckCode.PublicCloud);
    }

    [Fact]
    public void Suggestion_is_never_a_name_that_the_rule_has_already() => AssertOnly(
        "KJ036 worker: scale rule 'more': the scaler 'azure-servicebus' is not known to have metadata 'messageCounts'",
        [.. Run(Job() with { FurtherRules = [Rule(("queueName", "other"), ("messageCounts", "9"))] }).Where(finding => finding.Code != CheckCode.RuleInAzureOnly)]);

    [Fact]
    public void Metadata_known_at_deployment_is_there()
    {
        var rule = new CheckedScaleRule("more", "azure-servicebus", new Dictionary<string, string>()) { HasIdentity = true, References = ["queueName", "namespace"] };

        Assert.Equal(["KJ025"], Run(Job() with { FurtherRules = [rule] }).Select(finding => finding.Code.Id));
        AssertOnly("KJ025 worker: scale rule 'night' is not evaluated on this machine: timezone is known only at deployment.",
            Run(Job() with { FurtherRules = [new("night", "cron", new Dictionary<string, string> { ["start"] = "0 8 * * *" }) { References = ["timezone"] }] }));
    }

    [Fact]
    public void Every_scaler_of_the_table_is_a_known_type() => Assert.All(ScalerMetadata.Types, type => Assert.True(ScalerMetadata.IsType(type)));

    public static TheoryData<string?, string?, decimal, decimal, string[]> Profiles => new()
    {
        // the job's profile, its declared type, Cpu, MemoryGi
        { null, null, 4, 8, [] },
        { "Consumption", null, 4, 16, ["KJ012 worker: Cpu 4 does not go with MemoryGi 16."] },
        { "small", "Consumption", 0.1m, 1, ["KJ012 worker: Cpu is 0.1."] },
        { "heavy", "D4", 4, 16, [] },
        { "heavy", "D4", 3.3m, 0.7m, [] },
        { "heavy", "D4", 4.25m, 17, ["KJ012 worker: Cpu is 4.25, and a node of the workload profile 'heavy' (D4) has 4.", "KJ012 worker: MemoryGi is 17, and a node of"] },
        { "heavy", "D8", 8, 32, [] },
        { "heavy", "D16", 16, 64, [] },
        { "heavy", "D32", 32, 128, [] },
        { "heavy", "E4", 4, 32, [] },
        { "heavy", "E8", 8, 64, [] },
        { "heavy", "E16", 16, 128, [] },
        { "heavy", "e32", 32, 256, [] },
        { "heavy", "E32", 32, 257, ["KJ012 worker: MemoryGi is 257, and a node of the workload profile 'heavy' (E32) has 256."] },
        { "gpu", "NC24-A100", 24, 220, [] },
        { "gpu", "NC48-A100", 48, 440, [] },
        { "gpu", "NC96-A100", 96, 880, [] },
        { "gpu", "Consumption-GPU-NC24-A100", 24, 220, [] },
        { "gpu", "Consumption-GPU-NC8as-T4", 9, 56, ["KJ012 worker: Cpu is 9, and a node of the workload profile 'gpu' (Consumption-GPU-NC8as-T4) has 8."] },
        { "heavy", "D4", 0, 1, ["KJ012 worker: Cpu is 0, and"] },
        { "next", "F64", 64, 3, ["KJ035 worker: the type 'F64' of its workload profile 'next' is not known here: Cpu and MemoryGi are not checked."] },
        { "heavy", null, 64, 3, ["KJ035 worker: no environment declares its workload profile 'heavy'. Cpu and MemoryGi are not checked."] },
        { "D4", null, 5, 16, ["KJ012 worker: Cpu is 5, and", "KJ035 worker: no environment declares its workload profile 'D4'. Cpu and MemoryGi are checked as those of a D4."] },
    };

    [Theory]
    [MemberData(nameof(Profiles))]
    public void CPU_and_memory_follow_the_workload_profile(string? profile, string? declaredType, decimal cpu, decimal memory, string[] expected)
    {
        var findings = Run(Job(new() { WorkloadProfile = profile, Cpu = cpu, MemoryGi = memory }) with { DeclaredProfileType = declaredType });

        Assert.Equal(expected.Length, findings.Count);
        Assert.All(expected.Zip(findings), pair => Assert.StartsWith(pair.First, pair.Second.ToString(), StringComparison.Ordinal));
    }

    public static TheoryData<string?, object> Circles => new()
    {
        { null, new[] { new CheckedEntity("a", "a") { ForwardTo = "b" }, new CheckedEntity("b", "b") { ForwardDeadLetteredMessagesTo = "c" }, new CheckedEntity("c", "c") } },
        { "KJ040 a: entities forward to each other: 'a' -> 'b' -> 'c' -> 'a'.", new[] { new CheckedEntity("a", "a") { ForwardTo = "b" }, new("b", "b") { ForwardTo = "sb://host/C" }, new("c", "c") { ForwardDeadLetteredMessagesTo = "a" } } },
        { "KJ040 b: entities forward to each other: 'b' -> 'c' -> 'b'.", new[] { new CheckedEntity("a", "a") { ForwardTo = "b" }, new("b", "b") { ForwardTo = "c" }, new("c", "c") { ForwardTo = "b" } } },
        { null, new[] { new CheckedEntity("a", "a") { ForwardTo = "c", ForwardDeadLetteredMessagesTo = "b" }, new("b", "b") { ForwardTo = "c" }, new("c", "c") } },
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
    public void Every_finding_is_listed()
    {
        var options = new EventJobOptions { MessageCount = 0, Cpu = 9, PollingInterval = TimeSpan.Zero };

        Assert.Equal(["KJ003", "KJ005", "KJ012"], Run(Job(options)).Select(finding => finding.Code.Id));
    }

    private static CheckedNamespace Namespace(params CheckedEntity[] entities) => new("messaging") { Entities = entities };

    private static IReadOnlyList<CheckFinding> Run(CheckedNamespace bus) => ModelChecks.Run(new([]) { Namespaces = [bus] });

    private static CheckedQueue Queue => new("messaging", "jobs");

    private static CheckedSubscription Subscription => new("messaging", "news/Subscriptions/all", "news", "all");

    private static CheckedJob Job(EventJobOptions? options = null) =>
        new("worker", options ?? new()) { Triggers = [Queue], References = [new("messaging", "jobs")] };

    private static CheckedScaleRule Rule(params (string Key, string Value)[] changes)
    {
        var metadata = new Dictionary<string, string> { ["queueName"] = "jobs", ["namespace"] = "ns", ["messageCount"] = "5" };
        foreach (var (key, value) in changes)
        {
            metadata[key] = value;
        }

        return new("more", "azure-servicebus", metadata) { HasIdentity = true };
    }

    private static IReadOnlyList<CheckFinding> Run(CheckedJob job) => ModelChecks.Run(new([job]));

    private static void AssertAnyOrNone(string? expected, IReadOnlyList<CheckFinding> findings)
    {
        if (expected is null)
        {
            Assert.Empty(findings);
        }
        else
        {
            AssertOnly(expected, findings);
        }
    }

    private static void AssertOnly(string expected, IReadOnlyList<CheckFinding> findings)
    {
        var finding = Assert.Single(findings);
        Assert.StartsWith(expected, finding.ToString(), StringComparison.Ordinal);
        Assert.NotEqual("", finding.Cure);
    }
}
