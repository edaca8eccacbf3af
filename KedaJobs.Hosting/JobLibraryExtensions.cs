using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Hosting;
using KedaJobs.Hosting.Broker;
using KedaJobs.Hosting.Local;

namespace Aspire.Hosting;

/// <summary>Passes a job's declaration to its code, if the code uses the KedaJobs.Jobs library.</summary>
[AspireExportIgnore(Reason = PolyglotAppHosts.NotSupported)]
public static class JobLibraryExtensions
{
    /// <summary>The configuration section that KedaJobs.Jobs reads, as the beginning of environment variables.</summary>
    private const string Prefix = "QueueJob__";

    /// <summary>
    /// Declares that the job's code uses the KedaJobs.Jobs library. The values that the library needs from the declaration are then passed
    /// to the job in environment variables that start with <c>QueueJob__</c>. Without this call, none of them is set.
    /// </summary>
    /// <remarks>
    /// <para>
    /// <c>QueueJob__ReplicaTimeout</c>, <c>QueueJob__TimeBudget</c> and <c>QueueJob__MessageBudget</c> come from the job's options,
    /// <c>QueueJob__MaxAttempts</c> (the smallest <c>MaxDeliveryCount</c> of its triggers) and
    /// <c>QueueJob__DuplicateDetection</c> from its queues. <c>QueueJob__RequiresSession</c> is set if all of its triggers require
    /// sessions; otherwise the library finds out for each queue. On this machine, <c>QueueJob__ShutdownGrace</c> is the time that the job
    /// has after SIGTERM. A variable that the AppHost sets itself is not changed.
    /// </para>
    /// <para>Properties of entities in a namespace that the AppHost did not create are unknown and are not passed to the job.</para>
    /// <example>
    /// <code>
    /// builder.AddProject&lt;Projects.Worker&gt;("worker")
    ///     .WithReference(jobs)
    ///     .AsEventJob(jobs)
    ///     .WithJobLibrary();
    /// </code>
    /// </example>
    /// </remarks>
    /// <typeparam name="T">The worker's resource type.</typeparam>
    /// <param name="builder">The job's worker.</param>
    /// <returns>The worker's builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    /// <exception cref="JobDeclarationException">The resource is not a job.</exception>
    public static IResourceBuilder<T> WithJobLibrary<T>(this IResourceBuilder<T> builder)
        where T : IComputeResource, IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        var job = builder.Resource.Annotations.OfType<EventJobAnnotation>().FirstOrDefault()
            ?? throw new JobDeclarationException(
                $"'{builder.Resource.Name}' is not a job. Call AsEventJob, AsScheduledJob or AsManualJob before WithJobLibrary.");
        return builder.WithAnnotation(new JobLibraryAnnotation(), ResourceAnnotationMutationBehavior.Replace).WithEnvironment(context =>
        {
            Set("ReplicaTimeout", job.Options.ReplicaTimeout.ToString("c"));
            Set("TimeBudget", job.Options.TimeBudget?.ToString("c"));
            Set("MessageBudget", job.Options.MessageBudget?.ToString(CultureInfo.InvariantCulture));
            var entities = job.Triggers.Select(trigger => trigger.Entity).ToList();
            if (entities.Count > 0 && !entities.Exists(entity => IsForeign(entity.Namespace, context.ExecutionContext.IsRunMode)))
            {
                Set("MaxAttempts", entities.Min(MaxDeliveryCount).ToString(CultureInfo.InvariantCulture));
                Set("DuplicateDetection", entities.Exists(HasDuplicateDetection) ? "true" : "false");
                Set("RequiresSession", entities.TrueForAll(RequiresSession) ? "true" : null);
            }

            if (context.ExecutionContext.IsRunMode)
            {
                // Ctrl+C leaves less time than Container Apps does.
                Set("ShutdownGrace", LocalSettings.Read(builder.ApplicationBuilder.Configuration).AnnouncedGrace.ToString("c"));
            }

            void Set(string name, string? value)
            {
                if (value is not null)
                {
                    context.EnvironmentVariables.TryAdd(Prefix + name, value);
                }
            }
        });
    }

    /// <summary>Service Bus's default, if the AppHost sets no value.</summary>
    private static int MaxDeliveryCount(TriggerEntity entity) => entity switch
    {
        TriggerEntity.Queue queue => queue.Declared.MaxDeliveryCount,
        TriggerEntity.Subscription subscription => subscription.Declared.MaxDeliveryCount,
        _ => null,
    } ?? 10;

    private static bool HasDuplicateDetection(TriggerEntity entity) =>
        entity is TriggerEntity.Queue { Declared.RequiresDuplicateDetection: true };

    private static bool RequiresSession(TriggerEntity entity) =>
        entity is TriggerEntity.Queue { Declared.RequiresSession: true } or TriggerEntity.Subscription { Declared.RequiresSession: true };

    // The AppHost's declarations for a namespace that others manage may not be true: a copy with the same MessageId could be dropped there.
    private static bool IsForeign(AzureServiceBusResource bus, bool isRunMode) =>
        bus.HasAnnotationOfType<ExistingAzureResourceAnnotation>()
        || (isRunMode
            && bus.Annotations.OfType<RunVerbAnnotation>()
                .Any(verb => verb.Verb == nameof(EmbeddedServiceBusExtensions.RunAsExistingNamespace)));
}
