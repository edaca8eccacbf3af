using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Aspire.Hosting.Testing;
using KedaJobs.Hosting;

namespace KedaJobs.Tests.Hosting;

public class AsEventJobTests
{
    private static readonly string[] PublishArguments = ["--publisher", "manifest", "--output-path", "unused"];

    [Fact]
    public void Declaration_is_one_annotation()
    {
        using var builder = DistributedApplicationTestingBuilder.Create();
        var (worker, queue) = Declare(builder, job => job.MessageCount = 7);

        var annotation = Assert.Single(worker.Resource.Annotations.OfType<EventJobAnnotation>());
        Assert.Same(worker.Resource, annotation.Worker);
        Assert.Same(queue.Resource, annotation.Trigger.Resource);
        Assert.Equal(7, annotation.Options.MessageCount);
    }

    [Fact]
    public void Configuration_overrides_single_values()
    {
        using var builder = DistributedApplicationTestingBuilder.Create(
            "--KedaJobs:Jobs:worker:MaxExecutions=3", "--KedaJobs:Jobs:worker:ReplicaTimeout=00:02:00", "--KedaJobs:Jobs:worker:Cpu=0.25");
        var (worker, _) = Declare(builder, job => (job.MaxExecutions, job.MessageCount) = (9, 7));

        var options = Assert.Single(worker.Resource.Annotations.OfType<EventJobAnnotation>()).Options;
        Assert.Equal((3, 7), (options.MaxExecutions, options.MessageCount));
        Assert.Equal(TimeSpan.FromMinutes(2), options.ReplicaTimeout);
        Assert.Equal(0.25m, options.Cpu);
    }

    [Theory]
    [InlineData("--KedaJobs:Jobs:worker:MaxExecution=3", "MaxExecution")]
    [InlineData("--KedaJobs:Jobs:worker:MaxExecutions=many", "KedaJobs:Jobs:worker:MaxExecutions")]
    public void Wrong_configuration_is_named(string argument, string expected)
    {
        using var builder = DistributedApplicationTestingBuilder.Create(argument);

        var failure = Assert.Throws<JobDeclarationException>(() => Declare(builder));

        Assert.Contains(expected, failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Second_declaration_is_refused()
    {
        using var builder = DistributedApplicationTestingBuilder.Create();
        var (worker, queue) = Declare(builder);

        Assert.Throws<JobDeclarationException>(() => worker.AsEventJob(queue));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Workers_budgets_are_in_its_environment_in_both_modes(bool publish)
    {
        using var builder = DistributedApplicationTestingBuilder.Create(publish ? PublishArguments : []);
        var (worker, _) = Declare(builder, job =>
        {
            job.ReplicaTimeout = TimeSpan.FromMinutes(10);
            job.TimeBudget = TimeSpan.FromSeconds(90);
            job.MessageBudget = 20;
        });

        var environment = await EnvironmentOf(worker.Resource, builder.ExecutionContext);

        Assert.Equal("00:10:00", environment["QueueJob__ReplicaTimeout"]);
        Assert.Equal("00:01:30", environment["QueueJob__TimeBudget"]);
        Assert.Equal("20", environment["QueueJob__MessageBudget"]);
        Assert.Equal(!publish, environment.ContainsKey("QueueJob__ShutdownGrace"));
    }

    [Fact]
    public async Task Budgets_that_are_not_declared_are_left_to_the_worker()
    {
        using var builder = DistributedApplicationTestingBuilder.Create();
        var (worker, _) = Declare(builder);

        var environment = await EnvironmentOf(worker.Resource, builder.ExecutionContext);

        // Locally it is told how long Ctrl+C leaves it.
        Assert.Equal("00:00:08", environment["QueueJob__ShutdownGrace"]);
        Assert.Equal(
            ["QueueJob__DuplicateDetection", "QueueJob__MaxAttempts", "QueueJob__ReplicaTimeout", "QueueJob__ShutdownGrace"],
            environment.Keys.Where(name => name.StartsWith("QueueJob__", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public async Task The_library_is_told_of_the_queues()
    {
        using var builder = DistributedApplicationTestingBuilder.Create();
        var (worker, queue) = Declare(builder);
        queue.WithProperties(jobs => jobs.MaxDeliveryCount = 5);
        var urgent = builder.AddAzureServiceBus("other").AddServiceBusQueue("urgent").WithProperties(urgent =>
        {
            urgent.MaxDeliveryCount = 3;
            urgent.RequiresDuplicateDetection = true;
        });

        var alone = await EnvironmentOf(worker.Resource, builder.ExecutionContext);
        worker.WithTrigger(urgent);
        var both = await EnvironmentOf(worker.Resource, builder.ExecutionContext);

        Assert.Equal(("5", "false"), (alone["QueueJob__MaxAttempts"], alone["QueueJob__DuplicateDetection"]));
        Assert.Equal(("3", "true"), (both["QueueJob__MaxAttempts"], both["QueueJob__DuplicateDetection"]));
    }

    [Fact]
    public async Task The_library_is_told_of_sessions_if_all_queues_require_them()
    {
        using var builder = DistributedApplicationTestingBuilder.Create();
        var (worker, queue) = Declare(builder);
        queue.WithProperties(jobs => jobs.RequiresSession = true);
        var orders = builder.AddAzureServiceBus("other").AddServiceBusTopic("orders").AddServiceBusSubscription("new")
            .WithProperties(subscription => subscription.RequiresSession = true);
        var urgent = builder.AddAzureServiceBus("third").AddServiceBusQueue("urgent");

        var alone = await EnvironmentOf(worker.Resource, builder.ExecutionContext);
        worker.WithTrigger(orders);
        var both = await EnvironmentOf(worker.Resource, builder.ExecutionContext);
        worker.WithTrigger(urgent);
        var mixed = await EnvironmentOf(worker.Resource, builder.ExecutionContext);

        Assert.Equal(("true", "true"), (alone["QueueJob__RequiresSession"], both["QueueJob__RequiresSession"]));
        Assert.DoesNotContain("QueueJob__RequiresSession", mixed.Keys);
    }

    [Fact]
    public async Task Of_a_namespace_that_others_manage_the_library_is_told_nothing()
    {
        using var builder = DistributedApplicationTestingBuilder.Create(
            "--ConnectionStrings:messaging=Endpoint=sb://shop.servicebus.windows.net/");
        var queue = builder.AddAzureServiceBus("messaging").RunAsExistingNamespace().AddServiceBusQueue("jobs")
            .WithProperties(jobs => jobs.RequiresSession = true);
        var worker = builder.AddProject<Projects.KedaJobs_Worker>("worker").AsEventJob(queue).WithJobLibrary();

        var environment = await EnvironmentOf(worker.Resource, builder.ExecutionContext);

        Assert.DoesNotContain("QueueJob__DuplicateDetection", environment.Keys);
        Assert.DoesNotContain("QueueJob__MaxAttempts", environment.Keys);
        Assert.DoesNotContain("QueueJob__RequiresSession", environment.Keys);
    }

    [Fact]
    public async Task What_the_AppHost_sets_itself_is_left_as_it_is()
    {
        using var builder = DistributedApplicationTestingBuilder.Create();
        var (worker, _) = Declare(builder);
        var context = new EnvironmentCallbackContext(builder.ExecutionContext, worker.Resource)
        {
            EnvironmentVariables = { ["QueueJob__ReplicaTimeout"] = "00:01:00" },
        };

        await worker.Resource.Annotations.OfType<EnvironmentCallbackAnnotation>().Last().Callback(context);

        Assert.Equal("00:01:00", context.EnvironmentVariables["QueueJob__ReplicaTimeout"]);
    }

    [Fact]
    public void With_job_library_wants_a_job()
    {
        using var builder = DistributedApplicationTestingBuilder.Create();

        var refusal = Assert.Throws<JobDeclarationException>(() => builder.AddProject<Projects.KedaJobs_Worker>("worker").WithJobLibrary());

        Assert.Equal("'worker' is not a job. Call AsEventJob, AsScheduledJob or AsManualJob before WithJobLibrary.", refusal.Message);
    }

    [Fact]
    public void Run_mode_leaves_the_start_to_the_local_KEDA_and_declares_rows()
    {
        using var builder = DistributedApplicationTestingBuilder.Create("--KedaJobs:Local:Slots=3");
        var (worker, _) = Declare(builder);

        Assert.True(worker.Resource.HasAnnotationOfType<ExplicitStartupAnnotation>());
        Assert.Equal(
            ["worker-01", "worker-02", "worker-03"],
            builder.Resources.Where(resource => resource.Name.StartsWith("worker-0", StringComparison.Ordinal))
                .Select(resource => resource.Name));
        Assert.Equal(
            ["pause-scaling", "resume-scaling", "start-execution", "stop-all", "what-if"],
            worker.Resource.Annotations.OfType<ResourceCommandAnnotation>().Select(command => command.Name).Order());
    }

    [Fact]
    public void Publish_mode_leaves_no_trace_of_the_local_run()
    {
        using var builder = DistributedApplicationTestingBuilder.Create(PublishArguments);
        var (worker, _) = Declare(builder);

        Assert.Single(worker.Resource.Annotations.OfType<EventJobAnnotation>());
        Assert.DoesNotContain(builder.Resources, resource => resource.Name.StartsWith("worker-0", StringComparison.Ordinal));
        Assert.Empty(worker.Resource.Annotations.OfType<ResourceCommandAnnotation>());
    }

    private static (IResourceBuilder<ProjectResource> Worker, IResourceBuilder<AzureServiceBusQueueResource> Queue) Declare(
        IDistributedApplicationTestingBuilder builder, Action<EventJobOptions>? configure = null)
    {
        var queue = builder.AddAzureServiceBus("messaging").AddServiceBusQueue("jobs");
        return (builder.AddProject<Projects.KedaJobs_Worker>("worker").AsEventJob(queue, configure).WithJobLibrary(), queue);
    }

    private static async Task<Dictionary<string, object>> EnvironmentOf(
        ProjectResource worker, DistributedApplicationExecutionContext executionContext)
    {
        var context = new EnvironmentCallbackContext(executionContext, worker);
        // The last callback is the one that WithJobLibrary adds: those before it want the running host.
        await worker.Annotations.OfType<EnvironmentCallbackAnnotation>().Last().Callback(context);
        return context.EnvironmentVariables;
    }
}
