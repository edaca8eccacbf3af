using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Aspire.Hosting.Testing;
using Azure.Provisioning.AppContainers;
using KedaJobs.Hosting;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Checks;

/// <summary>What stops an AppHost, in both modes: the same code and message, before anything is started or written.</summary>
public class WrongDeclarationTests
{
    /// <summary>Every code that is an error, with the beginning of its message and the declaration that it is about.</summary>
    public static TheoryData<string, Action<Declaration>> Wrong => new()
    {
        {
            "KJ001 worker-with-a-name-that-is-too-long: the job's name 'worker-with-a-name-that-is-too-long' has 35 characters",
            d => d.Name = "worker-with-a-name-that-is-too-long"
        },
        { "KJ002 second: 'worker' and 'second' are triggered by 'jobs'", d => d.Also = (builder, jobs) =>
            builder.AddProject<SampleProjects.Job>("second", launchProfileName: null).WithReference(jobs).AsEventJob(jobs) },
        { "KJ003 worker: MessageCount is 0", d => d.Job.MessageCount = 0 },
        { "KJ004 worker: MaxExecutions is 0", d => d.Job.MaxExecutions = 0 },
        { "KJ005 worker: PollingInterval is 0.5 s", d => d.Job.PollingInterval = TimeSpan.FromSeconds(0.5) },
        { "KJ007 worker: TimeBudget is 1800 s and ReplicaTimeout 1800 s", d => d.Job.TimeBudget = TimeSpan.FromMinutes(30) },
        { "KJ010 worker: executions are started for 'jobs' of 'messaging', but the worker reads 'jobs' of 'other'", d =>
            d.Reference = (builder, worker, _) =>
                worker.WithReference(builder.AddAzureServiceBus("other").AddServiceBusQueue("other-jobs", "jobs")) },
        {
            "KJ011 worker: executions are started for 'jobs' of 'messaging', but the worker has no reference to it",
            d => d.Reference = (_, _, _) => { }
        },
        { "KJ012 worker: Cpu 0.5 cannot be combined with MemoryGi 3", d => d.Job.MemoryGi = 3 },
        { "KJ013 worker: ActivationMessageCount is -1", d => d.Job.ActivationMessageCount = -1 },
        { "KJ015 worker: ReplicaCompletionCount (2) is greater than Parallelism (1)", d => d.Job.ReplicaCompletionCount = 2 },
        { "KJ016 worker: ReplicaTimeout is 90.5 s", d => d.Job.ReplicaTimeout = TimeSpan.FromSeconds(90.5) },
        { "KJ018 worker: Service Bus or Bicep does not accept the queue name 'jobs?'", d => d.Queue = queue => queue.QueueName = "jobs?" },
        { "KJ019 worker: MaxDeliveryCount of 'jobs' is 0", d => d.Queue = queue => queue.MaxDeliveryCount = 0 },
        { "KJ020 worker: scale rule 'more': it does not say what to count", d => d.Rule = worker =>
            worker.WithScaleRule("more", "azure-servicebus", new Dictionary<string, string> { ["connectionFromEnv"] = "BUS" }) },
        { "KJ021 worker: MessageBudget is 0", d => d.Job.MessageBudget = 0 },
        { "KJ022 worker: the scale rule name 'worker' is used twice", d => d.Rule = worker =>
            worker.WithScaleRule("worker", "some-scaler", new Dictionary<string, string>()) },
        { "KJ023 all: rule 'big' of 'news/Subscriptions/all' compares 'size' with 5 (Int32)", d => d.Also = (builder, jobs) =>
        {
            var all = builder.CreateResourceBuilder(jobs.Resource.Parent).AddServiceBusTopic("news").AddServiceBusSubscription("all")
                .WithProperties(subscription => subscription.Rules.Add(
                    new AzureServiceBusRule("big") { CorrelationFilter = { Properties = { ["size"] = 5 } } }));
        } },
        { "KJ024 nightly: the schedule '@daily' has 1 field", d => d.Also = (builder, _) =>
            builder.AddProject<SampleProjects.Job>("nightly", launchProfileName: null).AsScheduledJob("@daily") },
        { "KJ027 messaging: RunAsEmbedded and RunAsEmbedded choose its broker", d => d.Also = (builder, jobs) =>
            builder.CreateResourceBuilder(jobs.Resource.Parent).RunAsEmbedded() },
        { "KJ028 second: 'first' and 'second' are configured to listen on port 5671", d => d.Also = (builder, _) =>
        {
            builder.AddAzureServiceBus("first").RunAsEmbedded(5671);
            builder.AddAzureServiceBus("second").RunAsEmbedded(5671);
        } },
        { "KJ029 web: it waits for the completion of 'nightly', which is a job", d => d.Also = (builder, _) =>
        {
            var nightly = builder.AddProject<SampleProjects.Job>("nightly", launchProfileName: null).AsManualJob();
            builder.AddProject<SampleProjects.Web>("web", launchProfileName: null).WaitForCompletion(nightly);
        } },
        { "KJ030 worker: 'jobs' forwards every message to 'results'", d =>
        {
            d.Queue = queue => queue.ForwardTo = "results";
            d.Also = (builder, jobs) => builder.CreateResourceBuilder(jobs.Resource.Parent).AddServiceBusQueue("results");
        } },
        {
            "KJ031 jobs: ForwardDeadLetteredMessagesTo of 'jobs' is 'nowhere'",
            d => d.Queue = queue => queue.ForwardDeadLetteredMessagesTo = "nowhere"
        },
        { "KJ032 all: rule 'big' of 'news/Subscriptions/all' is a SQL filter", d => d.Also = (builder, jobs) => builder
            .CreateResourceBuilder(jobs.Resource.Parent).AddServiceBusTopic("news").AddServiceBusSubscription("all")
            .WithProperties(subscription => subscription.Rules.Add(
                new AzureServiceBusRule("big") { FilterType = AzureServiceBusFilterType.SqlFilter })) },
        { "KJ037 worker: its triggers' rules sign in (WithScalerConnection) with the parameter 'bus', which is not marked secret", d =>
            d.Rule = worker => worker.WithScalerConnection(worker.ApplicationBuilder.AddParameter("bus", "x")) },
        { "KJ038 worker: scale rule 'post': metadata 'vhostName' is a secret", d => d.Rule = worker => worker.WithScaleRule(
            "post",
            "rabbitmq",
            new ScaleRuleMetadata
            {
                { "queueName", "post" }, { "vhostName", worker.ApplicationBuilder.AddParameter("host", "x", secret: true) }
            }) },
        { "KJ040 jobs: entities forward to each other: 'jobs' -> 'later' -> 'jobs'", d =>
        {
            d.Queue = queue => queue.ForwardDeadLetteredMessagesTo = "later";
            d.Also = (builder, jobs) => builder.CreateResourceBuilder(jobs.Resource.Parent).AddServiceBusQueue("later")
                .WithProperties(queue => queue.ForwardTo = "jobs");
        } },
    };

    /// <summary>Further cases of codes that stand above.</summary>
    public static TheoryData<string, Action<Declaration>> WrongToo => new()
    {
        { "KJ012 worker: MemoryGi is 200, but a node of the workload profile 'heavy' (E8) has 64.", d =>
        {
            (d.Job.Cpu, d.Job.MemoryGi, d.Job.WorkloadProfile) = (8, 200, "heavy");
            d.Also = (builder, _) => builder.AddAzureContainerAppEnvironment("apps").WithWorkloadProfile("heavy", "E8");
        } },
        {
            "KJ020 worker: scale rule 'more': the scaler 'azure-servicebus' has no metadata 'messageCout'; it has 'messageCount'.",
            d => d.ServiceBusRule(("messageCout", "9"))
        },
        {
            "KJ020 worker: scale rule 'more': the scaler 'azure-servicebus' has no metadata 'MessageCount'; it has 'messageCount'.",
            d => d.ServiceBusRule(("MessageCount", "9"))
        },
        { "KJ020 worker: scale rule 'more': cloud is 'AzureGovernment'.", d => d.ServiceBusRule(("cloud", "AzureGovernment")) },
        {
            "KJ020 worker: scale rule 'more': cloud is 'Private', and endpointSuffix is missing.",
            d => d.ServiceBusRule(("cloud", "Private"))
        },
        {
            "KJ020 worker: scale rule 'more': namespace is 'shop.servicebus.windows.net', which is an address",
            d => d.ServiceBusRule(("namespace", "shop.servicebus.windows.net"))
        },
        { "KJ020 worker: scale rule 'more': its type is 'azure-queu'; KEDA has 'azure-queue'.", d => d.Rule = worker =>
            worker.WithScaleRule("more", "azure-queu", new Dictionary<string, string>()) },
        { "KJ020 worker: scale rule 'more': its type is 'http', which counts requests, but a job receives none.", d => d.Rule = worker =>
            worker.WithScaleRule("more", "http", new Dictionary<string, string> { ["concurrentRequests"] = "5" }) },
        { "KJ023 all: rule 'big' of 'news/Subscriptions/all' compares 'size' with 5 (Int32)", d => d.Subscription(
            subscription =>
            {
                subscription.ForwardTo = "jobs";
                subscription.Rules.Add(new AzureServiceBusRule("big") { CorrelationFilter = { Properties = { ["size"] = 5 } } });
            }) },
        { "KJ030 worker: 'news/Subscriptions/all' forwards every message to 'jobs'", d =>
        {
            d.Reference = (builder, worker, jobs) =>
                worker.WithReference(jobs).WithReference(builder.CreateResourceBuilder(jobs.Resource.Parent).AddServiceBusTopic("news"));
            d.Also = (builder, jobs) =>
            {
                var topic = builder.Resources.OfType<AzureServiceBusTopicResource>().Single();
                var all = builder.CreateResourceBuilder(topic).AddServiceBusSubscription("all")
                    .WithProperties(subscription => subscription.ForwardTo = "jobs");
                builder.CreateResourceBuilder(builder.Resources.OfType<ProjectResource>().Single()).WithTrigger(all);
            };
        } },
        {
            "KJ031 all: ForwardDeadLetteredMessagesTo of 'news/Subscriptions/all' is 'nowhere'",
            d => d.Subscription(subscription => subscription.ForwardDeadLetteredMessagesTo = "nowhere")
        },
        {
            "KJ032 all: rule 'any' of 'news/Subscriptions/all' compares nothing",
            d => d.Subscription(subscription => subscription.Rules.Add(new AzureServiceBusRule("any")))
        },
        { "KJ037 worker: scale rule 'post' signs in with the parameter 'host', which is not marked secret", d =>
            d.Rule = worker => worker.WithScaleRule(
                "post", "rabbitmq", new Dictionary<string, string> { ["queueName"] = "post" },
                worker.ApplicationBuilder.AddParameter("host", "x"), "host") },
        { "KJ038 worker: scale rule 'post': metadata 'serverAddress' is a secret", d =>
            d.Rule = worker => worker.WithScaleRule("post", "prometheus", new ScaleRuleMetadata
            {
                {
                    "serverAddress",
                    ReferenceExpression.Create($"http://{worker.ApplicationBuilder.AddParameter("user", "x", secret: true)}@metrics")
                },
                { "query", "jobs" },
                { "threshold", "5" },
            }) },
        { "KJ038 worker: scale rule 'files': metadata 'connection' is a secret", d => d.Rule = worker => worker.WithScaleRule(
            "files", "azure-queue",
            new Dictionary<string, string> { ["queueName"] = "files", ["connection"] = "AccountName=shop;AccountKey=a2V5" }) },
    };

    /// <summary>Aspire's verbs leave no trace when the AppHost runs: what contradicts them is found where it matters.</summary>
    public static TheoryData<string, Action<Declaration>> WrongToPublish => new()
    {
        {
            "KJ033 worker: it is declared with AsEventJob, but published with",
            d => d.Rule = worker => worker.PublishAsScheduledAzureContainerAppJob("0 3 * * *")
        },
        { "KJ034 script: it is an executable, but Container Apps runs images only", d => d.Also = (builder, _) =>
            builder.AddExecutable("script", "node", ".", "worker.mjs").AsManualJob() },
        { "KJ039 worker: the environment variables 'API_KEY' and 'Api_Key' become one secret in Azure, 'api-key'", d =>
            d.Rule = worker => worker
                .WithEnvironment("API_KEY", worker.ApplicationBuilder.AddParameter("first", "x", secret: true))
                .WithEnvironment("Api_Key", worker.ApplicationBuilder.AddParameter("second", "y", secret: true)) },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    [MemberData(nameof(WrongToo))]
    public async Task Wrong_declaration_stops_the_run(string expected, Action<Declaration> change)
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        Declaration.Make(builder, change);
        await using var app = await builder.BuildAsync();

        var error = await Assert.ThrowsAsync<MisconfigurationException>(() => app.StartAsync().WaitAsync(Eventually.DefaultDeadline));

        AssertOnly(expected, error);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    [MemberData(nameof(WrongToo))]
    [MemberData(nameof(WrongToPublish))]
    public async Task Wrong_declaration_stops_the_publishing(string expected, Action<Declaration> change)
    {
        var error = await Published.FailsAsync<MisconfigurationException>(builder =>
        {
            builder.AddAzureContainerAppEnvironment("env");
            Declaration.Make(builder, change);
        });

        AssertOnly(expected, error);
    }

    [Fact]
    public void Table_has_every_error_code() => Assert.Equal(
        KedaJobs.Hosting.Checks.CheckCode.All
            .Where(code => code.Severity == KedaJobs.Hosting.Checks.CheckSeverity.Error)
            .Select(code => code.Id),
        Wrong.Concat(WrongToPublish).Select(row => ((string)row[0])[..5]).Order(StringComparer.Ordinal));

    /// <summary>The same secret under two names that Azure takes for one is no contradiction.</summary>
    [Fact]
    public async Task One_secret_in_two_variables_is_published()
    {
        using var published = await Published.FromAsync(builder =>
        {
            builder.AddAzureContainerAppEnvironment("env");
            Declaration.Make(builder, d => d.Rule = worker =>
            {
                var key = worker.ApplicationBuilder.AddParameter("key", secret: true);
                worker.WithEnvironment("API_KEY", key).WithEnvironment("api-key", ReferenceExpression.Create($"{key}"));
            });
        });

        Assert.Single(
            System.Text.RegularExpressions.Regex.Matches(published.Module("worker-containerapp"), "name: 'api-key'\n +value: key_value"));
    }

    [Fact]
    public async Task Callback_for_details_is_no_contradiction()
    {
        using var published = await Published.FromAsync(builder =>
        {
            builder.AddAzureContainerAppEnvironment("env");
            Declaration.Make(
                builder, d => d.Rule = worker => worker.PublishAsAzureContainerAppJob((_, job) => job.Tags.Add("team", "shop")));
        });

        Assert.Contains("team: 'shop'", published.Module("worker-containerapp"), StringComparison.Ordinal);
    }

    public static TheoryData<string, Action<IResourceBuilder<ProjectResource>>> OtherKinds => new()
    {
        { "AsScheduledJob", job => job.AsScheduledJob("0 3 * * *").PublishAsAzureContainerAppJob() },
        { "AsScheduledJob", job => job.AsScheduledJob("0 3 * * *").PublishAsScheduledAzureContainerAppJob("0 4 * * *") },
        { "AsManualJob", job => job.AsManualJob().PublishAsAzureContainerAppJob() },
        { "AsManualJob", job => job.AsManualJob().PublishAsScheduledAzureContainerAppJob("0 3 * * *", (_, _) => { }) },
    };

    [Theory]
    [MemberData(nameof(OtherKinds))]
    public async Task Every_kind_of_job_is_published_by_its_declaration_only(string verb, Action<IResourceBuilder<ProjectResource>> declare)
    {
        var error = await Published.FailsAsync<MisconfigurationException>(builder =>
        {
            builder.AddAzureContainerAppEnvironment("env");
            declare(builder.AddProject<SampleProjects.Job>("nightly", launchProfileName: null));
        });

        AssertOnly($"KJ033 nightly: it is declared with {verb}, but published with", error);
    }

    [Theory]
    [InlineData("Schedule")]
    [InlineData("Event")]
    public async Task Callback_cannot_change_the_kind_of_a_manual_job(string kind)
    {
        var error = await Published.FailsAsync<InvalidOperationException>(builder =>
        {
            builder.AddAzureContainerAppEnvironment("env");
            builder.AddProject<SampleProjects.Job>("migrate", launchProfileName: null).AsManualJob().PublishAsAzureContainerAppJob(
                (_, job) => job.Configuration.TriggerType = Enum.Parse<ContainerAppJobTriggerType>(kind));
        });

        Assert.Contains("KJ033 migrate: it is declared with AsManualJob, but a callback of ", error.Message, StringComparison.Ordinal);
        Assert.Contains($"sets its trigger type to {kind}.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Callback_that_makes_it_another_kind_stops_the_publishing()
    {
        var error = await Published.FailsAsync<InvalidOperationException>(builder =>
        {
            builder.AddAzureContainerAppEnvironment("env");
            Declaration.Make(
                builder,
                d => d.Rule = worker =>
                    worker.PublishAsAzureContainerAppJob((_, job) => job.Configuration.TriggerType = ContainerAppJobTriggerType.Manual));
        });

        Assert.Contains(
            "KJ033 worker: it is declared with AsEventJob, but a callback of PublishAsAzureContainerAppJob sets its trigger "
                + "type to Manual.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Emulator_beside_the_embedded_broker_stops_the_run()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var messaging = builder.AddAzureServiceBus("messaging").RunAsEmbedded();
        // What RunAsEmulator leaves on the namespace.
        messaging.WithAnnotation(new ContainerImageAnnotation { Image = "azure-messaging/servicebus-emulator" });
        await using var app = await builder.BuildAsync();

        var error = await Assert.ThrowsAsync<MisconfigurationException>(() => app.StartAsync().WaitAsync(Eventually.DefaultDeadline));

        AssertOnly("KJ027 messaging: RunAsEmbedded and RunAsEmulator choose its broker.", error);
    }

    private static void AssertOnly(string expected, MisconfigurationException error)
    {
        Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal([expected[..5]], error.Codes);
    }

    /// <summary>A sound declaration, to be spoilt in one place.</summary>
    public sealed class Declaration
    {
        public delegate void Connect(
            IDistributedApplicationBuilder builder,
            IResourceBuilder<ProjectResource> worker,
            IResourceBuilder<AzureServiceBusQueueResource> jobs);

        public string Name { get; set; } = "worker";

        public EventJobOptions Job { get; } = new();

        public Action<AzureServiceBusQueueResource> Queue { get; set; } = _ => { };

        public Connect Reference { get; set; } = (_, worker, jobs) => worker.WithReference(jobs);

        public Action<IResourceBuilder<ProjectResource>> Rule { get; set; } = _ => { };

        public Action<IDistributedApplicationBuilder, IResourceBuilder<AzureServiceBusQueueResource>> Also { get; set; } = (_, _) => { };

        /// <summary>Adds a scale rule of type azure-servicebus that is sound but for the given metadata.</summary>
        public void ServiceBusRule(params (string Name, string Value)[] changes) => Rule = worker =>
        {
            var metadata = new Dictionary<string, string> { ["queueName"] = "other", ["namespace"] = "shop" };
            foreach (var (name, value) in changes)
            {
                metadata[name] = value;
            }

            worker.WithScaleRule("more", "azure-servicebus", metadata, worker.ApplicationBuilder.AddAzureUserAssignedIdentity("reader"));
        };

        public void Subscription(Action<AzureServiceBusSubscriptionResource> change) => Also = (builder, jobs) =>
            builder.CreateResourceBuilder(jobs.Resource.Parent).AddServiceBusTopic("news").AddServiceBusSubscription("all")
                .WithProperties(change);

        public static void Make(IDistributedApplicationBuilder builder, Action<Declaration> change)
        {
            var declaration = new Declaration();
            change(declaration);
            var jobs = builder.AddAzureServiceBus("messaging").RunAsEmbedded().AddServiceBusQueue("jobs").WithProperties(declaration.Queue);
            var worker = builder.AddProject<SampleProjects.Job>(declaration.Name, launchProfileName: null);
            declaration.Reference(builder, worker, jobs);
            declaration.Rule(worker.AsEventJob(jobs, declaration.Configure));
            declaration.Also(builder, jobs);
        }

        private void Configure(EventJobOptions job)
        {
            foreach (var property in typeof(EventJobOptions).GetProperties())
            {
                property.SetValue(job, property.GetValue(Job));
            }
        }
    }
}
