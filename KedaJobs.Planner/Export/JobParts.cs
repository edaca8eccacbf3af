using System.Globalization;
using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Planner.Export;

/// <summary>A scale rule as every target needs it. Metadata values are strings with, for the namespace, a deployed value.</summary>
internal sealed record ExportedRule(
    string Name, string Type, IReadOnlyList<KeyValuePair<string, DeployedText>> Metadata, string? Identity, IReadOnlyList<ScaleRuleSecret> Auth);

/// <summary>What follows from a definition in the same way for every target.</summary>
internal static class JobParts
{
    private const string ServiceBusHost = ".servicebus.windows.net";

    /// <summary>All entities that start executions.</summary>
    public static IEnumerable<TriggerDefinition> Triggers(JobDefinition job) => [job.Trigger, .. job.FurtherTriggers ?? []];

    /// <summary>Whether a secret is a connection string of the namespace.</summary>
    public static bool IsConnection(JobDefinition job, string secret) => Triggers(job).Any(trigger => trigger.ConnectionSecret == secret);

    /// <summary>The triggers' rules, then the further ones.</summary>
    public static IReadOnlyList<ExportedRule> Rules(JobDefinition job) =>
    [
        .. Triggers(job).Select(trigger => TriggerRule(job, trigger)),
        .. job.Rules.Select(FurtherRule),
    ];

    /// <summary>What the definition could not hold, as sentences for the first lines of what is written.</summary>
    public static IEnumerable<string> Omitted(JobDefinition job) => (job.Omitted ?? []).Select(sentence => $"NOT INCLUDED: {sentence}");

    /// <summary>The image, with the registry before it where only a repository is named.</summary>
    public static DeployedText Image(JobDefinition job, ExportOptions options)
    {
        var image = options.Image ?? job.Image ?? $"{job.Name}:latest";
        return NamesRegistry(image) ? DeployedText.Of(image) : DeployedText.Of(new DeployedValue.RegistryServer(), $"/{image}");
    }

    /// <summary>The worker's environment: fixed values, then connections, none of which holds a key.</summary>
    public static IEnumerable<KeyValuePair<string, DeployedText>> Environment(JobDefinition job) =>
    [
        .. job.Environment.Select(variable => KeyValuePair.Create(variable.Key, DeployedText.Of(variable.Value))),
        .. Connections(job).Select(connection => KeyValuePair.Create($"ConnectionStrings__{connection.Name}", connection.Value)),
    ];

    /// <summary>The same in Container Apps, where several identities are assigned and the worker must be told which one is its own.</summary>
    public static IEnumerable<KeyValuePair<string, DeployedText>> ContainerAppEnvironment(JobDefinition job) =>
        WorkerIdentity(job) is not { } identity ? Environment(job) :
        [
            .. Environment(job),
            new("AZURE_CLIENT_ID", DeployedText.Of(new DeployedValue.ClientId(identity))),
            new("AZURE_TOKEN_CREDENTIALS", DeployedText.Of("ManagedIdentityCredential")),
        ];

    /// <summary>The identity that the worker's code signs in with, if any.</summary>
    public static string? WorkerIdentity(JobDefinition job) => job.Identities.FirstOrDefault(identity => identity.Use is IdentityUse.Worker)?.Name;

    /// <summary>Identities that containers must not be able to use.</summary>
    public static IReadOnlyList<string> HiddenIdentities(JobDefinition job) =>
        [.. job.Identities.Where(identity => identity.Use is IdentityUse.ScaleRule).Select(identity => identity.Name)];

    /// <summary>Whether any rule signs in as the job itself.</summary>
    public static bool UsesSystemIdentity(JobDefinition job) => job.Rules.Any(rule => rule.Identity == ScaleRuleDefinition.SystemIdentity);

    /// <summary>The names of all secrets that rules refer to, each once.</summary>
    public static IReadOnlyList<string> Secrets(JobDefinition job) =>
        [.. Rules(job).SelectMany(rule => rule.Auth).Select(auth => auth.SecretRef).Distinct(StringComparer.Ordinal)];

    public static string Cpu(JobDefinition job) => Number(job.Resources.CpuCores);

    public static string Memory(JobDefinition job) => $"{Number(job.Resources.MemoryGi)}Gi";

    private static string Number(decimal value) => value.ToString("0.############################", CultureInfo.InvariantCulture);

    private static IEnumerable<(string Name, DeployedText Value)> Connections(JobDefinition job)
    {
        if (job.Namespace.ConnectionName is { } whole)
        {
            // Without an entity it is an address, not a connection string: what Aspire gives, too.
            yield return (whole, DeployedText.Of("https://", new DeployedValue.NamespaceName(), $"{ServiceBusHost}:443/"));
        }

        var entities = job.Queues.Select(queue => (queue.ConnectionName, Path: queue.Name))
            .Concat(job.Topics.Select(topic => (topic.ConnectionName, Path: topic.Name)))
            .Concat(job.Topics.SelectMany(topic => topic.Subscriptions.Select(subscription =>
                (subscription.ConnectionName, Path: $"{topic.Name}/Subscriptions/{subscription.Name}"))));
        foreach (var (name, path) in entities)
        {
            if (name is not null)
            {
                yield return (name, DeployedText.Of("Endpoint=sb://", new DeployedValue.NamespaceName(), $"{ServiceBusHost}/;EntityPath={path}"));
            }
        }
    }

    private static ExportedRule TriggerRule(JobDefinition job, TriggerDefinition trigger)
    {
        var metadata = new List<KeyValuePair<string, DeployedText>>();
        void Add(string name, params ReadOnlySpan<object> value) => metadata.Add(new(name, DeployedText.Of(value)));

        if (trigger.Queue is { } queue)
        {
            Add("queueName", queue);
        }
        else
        {
            Add("topicName", trigger.Topic!);
            Add("subscriptionName", trigger.Subscription!);
        }

        if (trigger.Identity is not null)
        {
            Add("namespace", new DeployedValue.NamespaceName());
        }

        Add("messageCount", trigger.MessageCount.ToString(CultureInfo.InvariantCulture));
        Add("activationMessageCount", trigger.ActivationMessageCount.ToString(CultureInfo.InvariantCulture));
        return new(
            trigger.RuleName ?? job.Name,
            "azure-servicebus",
            metadata,
            trigger.Identity,
            trigger.ConnectionSecret is { } secret ? [new("connection", secret)] : []);
    }

    private static ExportedRule FurtherRule(ScaleRuleDefinition rule) => new(
        rule.Name,
        rule.Type,
        [.. rule.Metadata.Select(item => KeyValuePair.Create(item.Key, DeployedText.Of(item.Value)))],
        rule.Identity,
        rule.Auth);

    // As Docker reads it: what stands before the first '/' is a registry if it looks like a host.
    private static bool NamesRegistry(string image)
    {
        var slash = image.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && image[..slash] is var host && (host == "localhost" || host.Contains('.', StringComparison.Ordinal) || host.Contains(':', StringComparison.Ordinal));
    }
}
