using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Planner.Export.Keda;

/// <summary>What Kubernetes' resources are called, and how deployed values stand in them: as variables for <c>envsubst</c>.</summary>
internal sealed class KedaNames(JobDefinition job)
{
    // A rule's own secret has no identity, so the two kinds of keys never meet.
    private readonly UniqueNames _authentications = new();

    public ShellVariables Variables { get; } = new(job);

    public string Render(DeployedText text, Func<string, string>? escape = null) =>
        Variables.Known(text).Render(escape ?? (literal => literal), value => $"${{{Variables.Name(value)}}}");

    /// <summary>The TriggerAuthentication that a rule refers to; null where it signs in to nothing.</summary>
    public string? Authentication(ExportedRule rule) => rule switch
    {
        { Identity: ScaleRuleDefinition.SystemIdentity } => Unique("system", $"{job.Name}-keda-operator"),
        { Identity: { } identity } => Unique($"identity {identity}", identity),
        { Auth.Count: > 0 } => Unique($"rule {rule.Name}", $"{job.Name}-{rule.Name}"),
        _ => null,
    };

    // Kubernetes requires lowercase and no '_'.
    private string Unique(string thing, string name) => _authentications.Of(thing, name.ToLowerInvariant().Replace('_', '-'), '-');
}
