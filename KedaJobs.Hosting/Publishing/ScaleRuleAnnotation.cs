using Aspire.Hosting.ApplicationModel;

namespace KedaJobs.Hosting.Publishing;

/// <summary>A scale rule beside the trigger's own. The local KEDA does not evaluate it: it knows Service Bus only, and says so.</summary>
internal sealed record ScaleRuleAnnotation(string Name, string Type, IReadOnlyDictionary<string, string> Metadata, ScalerAccess? Access)
    : IResourceAnnotation;
