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
    /// Makes the resource a job whose executions are started by the messages in a queue: by the local KEDA when the AppHost runs, by Azure
    /// Container Apps once it is published. The worker takes messages, handles them and exits; idle means that no process of it runs.
    /// </summary>
    /// <remarks>
    /// <para>
    /// The worker is a project, an executable (Node.js, Python, any program; its <c>PublishAsDockerFile</c> says how it is published) or a
    /// container, which runs here through Docker or Podman. It needs its own <c>WithReference(queue)</c>.
    /// </para>
    /// <para>
    /// Single values can be overridden by the AppHost's configuration, section <c>KedaJobs:Jobs:NAME</c> with the resource's name (see
    /// <see cref="EventJobOptions"/>). A worker that uses the library KedaJobs.Jobs is told what it must know of them by
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
    /// <param name="configure">Sets what the defaults do not fit.</param>
    /// <returns>The worker's builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="queue"/> is null.</exception>
    /// <exception cref="JobDeclarationException">
    /// The resource is a job already, or its configuration section holds an unknown name or a value that cannot be read.
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
    /// Makes the resource a job whose executions are started by the messages in a topic's subscription; otherwise as with a queue. The
    /// worker needs its own <c>WithReference(subscription)</c>.
    /// </summary>
    /// <typeparam name="T">The worker's resource type.</typeparam>
    /// <param name="builder">The worker.</param>
    /// <param name="subscription">The subscription whose active messages start executions.</param>
    /// <param name="configure">Sets what the defaults do not fit.</param>
    /// <returns>The worker's builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="subscription"/> is null.</exception>
    /// <exception cref="JobDeclarationException">
    /// The resource is a job already, or its configuration section holds an unknown name or a value that cannot be read.
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

    /// <summary>Adds a queue whose active messages start executions, too. It may belong to another namespace.</summary>
    /// <remarks>
    /// At a poll KEDA decides by the trigger with the most messages. The worker needs its own <c>WithReference(queue)</c>; an execution is
    /// not told which trigger it was started for, so it looks at all of them. In Azure the rule signs in as the job's own rule does.
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
    /// Messages of this queue that one execution is meant to take. At least 1; null: as the job's options say.
    /// </param>
    /// <param name="activationMessageCount">
    /// The trigger is active only above this many messages. At least 0; null: as the job's options say.
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

    /// <summary>Adds a topic's subscription whose active messages start executions, too; otherwise as with a queue.</summary>
    /// <typeparam name="T">The worker's resource type.</typeparam>
    /// <param name="builder">The event job's worker.</param>
    /// <param name="subscription">The subscription.</param>
    /// <param name="messageCount">
    /// Messages of this subscription that one execution is meant to take. At least 1; null: as the job's options say.
    /// </param>
    /// <param name="activationMessageCount">
    /// The trigger is active only above this many messages. At least 0; null: as the job's options say.
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
