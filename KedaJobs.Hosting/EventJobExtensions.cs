using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Hosting;
using KedaJobs.Hosting.Local;

namespace Aspire.Hosting;

/// <summary>Declares projects, executables and containers as jobs whose executions are started by messages.</summary>
[AspireExportIgnore(Reason = PolyglotAppHosts.NotSupported)]
public static class EventJobExtensions
{
    /// <summary>
    /// Makes the resource a job whose executions are started by messages in a queue: by the local KEDA when the AppHost runs, and by Azure
    /// Container Apps after publishing. The worker receives messages, handles them and exits. While the job is idle, no process runs.
    /// </summary>
    /// <remarks>
    /// <para>
    /// The worker is a project, an executable (Node.js, Python or any other program; <c>PublishAsDockerFile</c> publishes it) or a
    /// container, which runs locally through Docker or Podman. It needs its own <c>WithReference(queue)</c>.
    /// </para>
    /// <para>
    /// Individual values can be overridden in the AppHost's configuration, section <c>KedaJobs:Jobs:NAME</c> with the resource's name (see
    /// <see cref="EventJobOptions"/>). If the worker uses the KedaJobs.Jobs library, pass the values that it needs with
    /// <see cref="JobLibraryExtensions.WithJobLibrary"/>.
    /// </para>
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
    /// <typeparam name="T">The worker's resource type.</typeparam>
    /// <param name="builder">The worker.</param>
    /// <param name="queue">The queue whose active messages start executions.</param>
    /// <param name="configure">Changes the defaults.</param>
    /// <returns>The worker's builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="queue"/> is null.</exception>
    /// <exception cref="JobDeclarationException">
    /// The resource is already a job, or its configuration section contains an unknown name or an invalid value.
    /// </exception>
    public static IResourceBuilder<T> AsEventJob<T>(
        this IResourceBuilder<T> builder,
        IResourceBuilder<AzureServiceBusQueueResource> queue,
        Action<EventJobOptions>? configure = null)
        where T : IComputeResource, IResourceWithEnvironment, IResourceWithWaitSupport
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(queue);
        JobDeclaration.Event(builder, new TriggerEntity.Queue(queue.Resource), configure);
        return builder;
    }

    /// <summary>
    /// Makes the resource a job whose executions are started by messages in a topic's subscription. Otherwise, it works as with a queue.
    /// The worker needs its own <c>WithReference(subscription)</c>.
    /// </summary>
    /// <typeparam name="T">The worker's resource type.</typeparam>
    /// <param name="builder">The worker.</param>
    /// <param name="subscription">The subscription whose active messages start executions.</param>
    /// <param name="configure">Changes the defaults.</param>
    /// <returns>The worker's builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="subscription"/> is null.</exception>
    /// <exception cref="JobDeclarationException">
    /// The resource is already a job, or its configuration section contains an unknown name or an invalid value.
    /// </exception>
    public static IResourceBuilder<T> AsEventJob<T>(
        this IResourceBuilder<T> builder,
        IResourceBuilder<AzureServiceBusSubscriptionResource> subscription,
        Action<EventJobOptions>? configure = null)
        where T : IComputeResource, IResourceWithEnvironment, IResourceWithWaitSupport
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(subscription);
        JobDeclaration.Event(builder, new TriggerEntity.Subscription(subscription.Resource), configure);
        return builder;
    }

    /// <summary>Adds a queue whose active messages also start executions. It can belong to another namespace.</summary>
    /// <remarks>
    /// At each poll, the trigger with the most messages decides. The worker needs its own <c>WithReference(queue)</c>; an execution doesn't
    /// know which trigger started it, so it must check all of them. In Azure, the rule signs in the same way as the job's own rule.
    /// <example>
    /// <code>
    /// worker.WithReference(jobs).WithReference(urgent)
    ///     .AsEventJob(jobs)
    ///     .WithTrigger(urgent, messageCount: 1);
    /// </code>
    /// </example>
    /// </remarks>
    /// <typeparam name="T">The worker's resource type.</typeparam>
    /// <param name="builder">The event job's worker.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="messageCount">
    /// The number of messages of this queue that one execution should take. At least 1; null: the value of the job's options.
    /// </param>
    /// <param name="activationMessageCount">
    /// The trigger is active only above this many messages. At least 0; null: the value of the job's options.
    /// </param>
    /// <param name="ruleName">The scale rule's name in Azure, unique in the job; null: the queue's resource name.</param>
    /// <returns>The worker's builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="queue"/> is null.</exception>
    /// <exception cref="JobDeclarationException">The resource is not an event job.</exception>
    public static IResourceBuilder<T> WithTrigger<T>(
        this IResourceBuilder<T> builder,
        IResourceBuilder<AzureServiceBusQueueResource> queue,
        int? messageCount = null,
        int? activationMessageCount = null,
        string? ruleName = null)
        where T : IComputeResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(queue);
        return AddTrigger(builder, new TriggerEntity.Queue(queue.Resource), messageCount, activationMessageCount, ruleName);
    }

    /// <summary>Adds a topic's subscription whose active messages also start executions. Otherwise, it works as with a queue.</summary>
    /// <typeparam name="T">The worker's resource type.</typeparam>
    /// <param name="builder">The event job's worker.</param>
    /// <param name="subscription">The subscription.</param>
    /// <param name="messageCount">
    /// The number of messages of this subscription that one execution should take. At least 1; null: the value of the job's options.
    /// </param>
    /// <param name="activationMessageCount">
    /// The trigger is active only above this many messages. At least 0; null: the value of the job's options.
    /// </param>
    /// <param name="ruleName">The scale rule's name in Azure, unique in the job; null: the subscription's resource name.</param>
    /// <returns>The worker's builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="subscription"/> is null.</exception>
    /// <exception cref="JobDeclarationException">The resource is not an event job.</exception>
    public static IResourceBuilder<T> WithTrigger<T>(
        this IResourceBuilder<T> builder,
        IResourceBuilder<AzureServiceBusSubscriptionResource> subscription,
        int? messageCount = null,
        int? activationMessageCount = null,
        string? ruleName = null)
        where T : IComputeResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(subscription);
        return AddTrigger(builder, new TriggerEntity.Subscription(subscription.Resource), messageCount, activationMessageCount, ruleName);
    }

    private static IResourceBuilder<T> AddTrigger<T>(
        IResourceBuilder<T> builder, TriggerEntity entity, int? messageCount, int? activationMessageCount, string? ruleName)
        where T : IComputeResource
    {
        var job = EventJobOf(builder);
        job.Triggers.Add(new(entity, messageCount, activationMessageCount) { RuleName = ruleName ?? entity.Resource.Name });
        if (builder.ApplicationBuilder.ExecutionContext.IsRunMode)
        {
            LocalRunMode.Watch(builder.ApplicationBuilder, entity);
        }

        return builder.WithRelationship(entity.Resource, TriggerEntity.Relationship);
    }

    /// <exception cref="JobDeclarationException">The resource is not an event job.</exception>
    internal static EventJobAnnotation EventJobOf<T>(IResourceBuilder<T> builder)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Resource.Annotations.OfType<EventJobAnnotation>().FirstOrDefault(job => job.Kind == JobKind.Event)
            ?? throw new JobDeclarationException($"'{builder.Resource.Name}' is not an event job. Call AsEventJob first.");
    }
}
