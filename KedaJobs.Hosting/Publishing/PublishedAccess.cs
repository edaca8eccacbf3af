using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;

namespace KedaJobs.Hosting.Publishing;

/// <summary>
/// Who signs in with what, as it stands when the model is complete: the job's module and its definition are written from the same.
/// </summary>
internal static class PublishedAccess
{
    /// <summary>The scale rules beside those of the triggers.</summary>
    public static IEnumerable<ScaleRuleAnnotation> FurtherRules(EventJobAnnotation job) =>
        job.Worker.Annotations.OfType<ScaleRuleAnnotation>();

    /// <summary>How the triggers' rules sign in.</summary>
    public static ScalerAccess Trigger(EventJobAnnotation job) => job.Worker.Annotations.OfType<TriggerAccessAnnotation>().Last().Access;

    /// <summary>The identity that the worker's code signs in with; null where it needs none.</summary>
    public static IAppIdentityResource? Worker(EventJobAnnotation job) =>
        job.Worker.TryGetLastAnnotation<AppIdentityAnnotation>(out var annotation) ? annotation.IdentityResource : null;

    /// <summary>The worker's roles on a namespace. Aspire adds up what several assignments give.</summary>
    public static IEnumerable<RoleDefinition> WorkerRoles(EventJobAnnotation job, AzureServiceBusResource bus) =>
        job.Worker.Annotations.OfType<RoleAssignmentAnnotation>()
            .Where(assignment => assignment.Target == bus)
            .SelectMany(assignment => assignment.Roles);
}
