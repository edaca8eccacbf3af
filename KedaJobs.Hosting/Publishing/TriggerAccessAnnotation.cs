using Aspire.Hosting.ApplicationModel;

namespace KedaJobs.Hosting.Publishing;

/// <summary>How the rules of the job's triggers sign in. The last one counts.</summary>
internal sealed record TriggerAccessAnnotation(ScalerAccess Access) : IResourceAnnotation;
