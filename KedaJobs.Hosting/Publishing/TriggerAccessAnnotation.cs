using Aspire.Hosting.ApplicationModel;

namespace KedaJobs.Hosting.Publishing;

/// <summary>How the rule of the job's own trigger signs in. The last one counts.</summary>
internal sealed record TriggerAccessAnnotation(ScalerAccess Access) : IResourceAnnotation;
