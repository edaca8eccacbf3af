using Aspire.Hosting.ApplicationModel;

namespace KedaJobs.Hosting.Publishing;

/// <summary>
/// A scale rule beside those of the triggers. The local KEDA evaluates it if it is a cron rule, and says so if it is not.
/// </summary>
/// <param name="Name">The rule's name.</param>
/// <param name="Type">The KEDA scaler.</param>
/// <param name="Metadata">The metadata whose values the declaration writes out.</param>
/// <param name="Access">How the rule signs in; null: not at all.</param>
internal sealed record ScaleRuleAnnotation(string Name, string Type, IReadOnlyDictionary<string, string> Metadata, ScalerAccess? Access)
    : IResourceAnnotation
{
    /// <summary>The metadata whose values are known at deployment, by name.</summary>
    public IReadOnlyDictionary<string, ScaleRuleReference> References { get; init; } = new Dictionary<string, ScaleRuleReference>();
}
