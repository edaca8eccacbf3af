using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Aspire.Hosting.Lifecycle;
using KedaJobs.Hosting;
using KedaJobs.Hosting.Checks;
using KedaJobs.Hosting.Local;
using KedaJobs.Hosting.Publishing;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>Declares projects as event jobs.</summary>
public static class EventJobExtensions
{
    /// <summary>
    /// Makes the project a job whose executions are started by the messages in a queue: by the local KEDA when the AppHost runs, by Azure
    /// Container Apps once it is published. The project takes messages, handles them and exits; idle means that no process of it runs.
    /// </summary>
    /// <remarks>
    /// Single values can be overridden by the AppHost's configuration, section <c>KedaJobs:Jobs:NAME</c> with the resource's name (see
    /// <see cref="EventJobOptions"/>). The worker gets <c>Worker__ReplicaTimeout</c>, <c>Worker__TimeBudget</c> and <c>Worker__MessageBudget</c>
    /// in its environment, and locally <c>Worker__ShutdownGrace</c>: how long it has after SIGTERM; it needs its own <c>WithReference(queue)</c>.
    /// <example>
    /// <code>
    /// builder.AddProject&lt;Projects.Worker&gt;("worker")
    ///     .WithReference(jobs)
    ///     .AsEventJob(jobs, job =>
    ///     {
    ///         job.MessageCount = 5;
    ///         job.MaxExecutions = 10;
    ///     });
    /// </code>
    /// </example>
    /// </remarks>
    /// <param name="builder">The worker's project.</param>
    /// <param name="queue">The queue whose active messages start executions.</param>
    /// <param name="configure">Sets what the defaults do not fit.</param>
    /// <returns>The worker's builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="queue"/> is null.</exception>
    /// <exception cref="InvalidOperationException">
    /// The project is an event job already, or its configuration section holds an unknown name or a value that cannot be read.
    /// </exception>
    public static IResourceBuilder<ProjectResource> AsEventJob(
        this IResourceBuilder<ProjectResource> builder,
        IResourceBuilder<AzureServiceBusQueueResource> queue,
        Action<EventJobOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(queue);
        return Declare(builder, new TriggerEntity.Queue(queue.Resource), configure);
    }

    /// <summary>
    /// Makes the project a job whose executions are started by the messages in a topic's subscription; otherwise as with a queue. The worker needs
    /// its own <c>WithReference(subscription)</c>.
    /// </summary>
    /// <param name="builder">The worker's project.</param>
    /// <param name="subscription">The subscription whose active messages start executions.</param>
    /// <param name="configure">Sets what the defaults do not fit.</param>
    /// <returns>The worker's builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="subscription"/> is null.</exception>
    /// <exception cref="InvalidOperationException">
    /// The project is an event job already, or its configuration section holds an unknown name or a value that cannot be read.
    /// </exception>
    public static IResourceBuilder<ProjectResource> AsEventJob(
        this IResourceBuilder<ProjectResource> builder,
        IResourceBuilder<AzureServiceBusSubscriptionResource> subscription,
        Action<EventJobOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(subscription);
        return Declare(builder, new TriggerEntity.Subscription(subscription.Resource), configure);
    }

    private static IResourceBuilder<ProjectResource> Declare(
        IResourceBuilder<ProjectResource> builder, TriggerEntity trigger, Action<EventJobOptions>? configure)
    {
        if (builder.Resource.HasAnnotationOfType<EventJobAnnotation>())
        {
            throw new InvalidOperationException($"'{builder.Resource.Name}' is an event job already. Call AsEventJob once.");
        }

        var options = new EventJobOptions();
        configure?.Invoke(options);
        builder.ApplicationBuilder.Configuration
            .GetSection($"KedaJobs:Jobs:{builder.Resource.Name}")
            .Bind(options, binding => binding.ErrorOnUnknownConfiguration = true);

        var job = new EventJobAnnotation(builder.Resource, trigger, options);
        builder
            .WithAnnotation(job)
            .WithRelationship(trigger.Resource, "Trigger")
            .WithEnvironment(context =>
            {
                SetBudgets(context.EnvironmentVariables, options);
                if (context.ExecutionContext.IsRunMode)
                {
                    // Ctrl+C leaves less time than Container Apps does, and the worker must know. What the AppHost says goes before it.
                    var grace = LocalSettings.Read(builder.ApplicationBuilder.Configuration).AnnouncedGrace;
                    context.EnvironmentVariables.TryAdd("Worker__ShutdownGrace", grace.ToString("c"));
                }
            });
        builder.ApplicationBuilder.Services.TryAddEventingSubscriber<CheckDeclarations>();
        if (builder.ApplicationBuilder.ExecutionContext.IsRunMode)
        {
            LocalRunMode.Attach(builder, job);
        }
        else
        {
            EventJobPublisher.Attach(builder, job);
        }

        return builder;
    }

    private static void SetBudgets(Dictionary<string, object> environment, EventJobOptions options)
    {
        environment["Worker__ReplicaTimeout"] = options.ReplicaTimeout.ToString("c");
        if (options.TimeBudget is { } timeBudget)
        {
            environment["Worker__TimeBudget"] = timeBudget.ToString("c");
        }

        if (options.MessageBudget is { } messageBudget)
        {
            environment["Worker__MessageBudget"] = messageBudget.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
    }
}
