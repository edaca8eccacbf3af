using Aspire.Hosting.ApplicationModel;

namespace KedaJobs.Hosting.Publishing;

/// <summary>A scale rule beside those of the triggers. The local KEDA evaluates it if it is a cron rule, and says so if it is not.</summary>
internal sealed record ScaleRuleAnnotation(string Name, string Type, IReadOnlyDictionary<string, string> Metadata, ScalerAccess? Access)
    : IResourceAnnotation;
