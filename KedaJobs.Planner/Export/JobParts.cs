using System.Globalization;
using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Planner.Export;

/// <summary>A scale rule as every target needs it. Metadata values are strings with deployed values.</summary>
internal sealed record ExportedRule(
    string Name, string Type, IReadOnlyList<KeyValuePair<string, DeployedText>> Metadata, string? Identity,
    IReadOnlyList<ScaleRuleSecret> Auth);

/// <summary>What follows from a definition in the same way for every target.</summary>
internal static class JobParts
{
    /// <summary>What kind of job it is, for a sentence.</summary>
    public static string Kind(JobDefinition job) => job.TriggerType switch
    {
        JobTriggerType.Event => "event job",
        JobTriggerType.Schedule => "scheduled job",
        _ => "manual job",
    };

    /// <summary>The cloud as the end of such a sentence; nothing for the public one.</summary>
    public static string Cloud(JobDefinition job) => job.Cloud switch
    {
        AzureCloud.Public => "",
        AzureCloud.UsGovernment => " in the cloud usGovernment",
        _ => " in the cloud china",
    };

    /// <summary>The workload profile for a sentence, with its nodes where they are declared; null for the consumption profile.</summary>
    public static string? WorkloadProfile(JobDefinition job) => job.WorkloadProfile is not { } profile ? null
        : job.WorkloadProfileNodes is not { } nodes ? $"'{profile}'"
        : nodes.MaximumCount is { } maximum
            ? string.Create(CultureInfo.InvariantCulture, $"'{profile}' ({nodes.Type}, {nodes.MinimumCount ?? 0} to {maximum} nodes)")
        : $"'{profile}' ({nodes.Type})";

    /// <summary>All entities that start executions.</summary>
    public static IEnumerable<TriggerDefinition> Triggers(JobDefinition job) =>
        [.. job.Trigger is { } first ? (TriggerDefinition[])[first] : [], .. job.FurtherTriggers ?? []];

    /// <summary>Whether a secret is a connection string of the namespace.</summary>
    public static bool IsConnection(JobDefinition job, string secret) => Triggers(job).Any(trigger => trigger.ConnectionSecret == secret);

    /// <summary>The triggers' rules, then the further ones.</summary>
    public static IReadOnlyList<ExportedRule> Rules(JobDefinition job) =>
    [
        .. Triggers(job).Select(trigger => TriggerRule(job, trigger)),
        .. job.Rules.Select(rule => FurtherRule(job, rule)),
    ];

    /// <summary>The image, with the registry before it where only a repository is named.</summary>
    public static DeployedText Image(JobDefinition job, ExportOptions options)
    {
        var image = options.Image ?? job.Image ?? $"{job.Name}:latest";
        return NamesRegistry(image) ? DeployedText.Of(image) : DeployedText.Of(new DeployedValue.RegistryServer(), $"/{image}");
    }

    public static IReadOnlyList<DeployedText> Command(JobDefinition job) => [.. (job.Command ?? []).Select(text => Text(job, text))];

    public static IReadOnlyList<DeployedText> Arguments(JobDefinition job) => [.. (job.Arguments ?? []).Select(text => Text(job, text))];

    /// <summary>
    /// The worker's environment: what was declared, then connections, none of which holds a key. Values with
    /// a secret in them are secrets of the job.
    /// </summary>
    public static IEnumerable<KeyValuePair<string, DeployedText>> Environment(JobDefinition job) =>
    [
        .. job.Environment.Select(variable => KeyValuePair.Create(variable.Key, Text(job, variable.Value))),
        .. Connections(job).Select(connection => KeyValuePair.Create($"ConnectionStrings__{connection.Name}", connection.Value)),
    ];

    /// <summary>
    /// The same in Container Apps, where several identities are assigned and the worker must be told which one is its own.
    /// </summary>
    public static IEnumerable<KeyValuePair<string, DeployedText>> ContainerAppEnvironment(JobDefinition job)
    {
        if (WorkerIdentity(job) is not { } identity)
        {
            return Environment(job);
        }

        KeyValuePair<string, DeployedText>[] own =
        [
            new("AZURE_CLIENT_ID", DeployedText.Of(new DeployedValue.ClientId(identity))),
            new("AZURE_TOKEN_CREDENTIALS", DeployedText.Of("ManagedIdentityCredential")),
        ];
        return [.. Environment(job), .. own.Where(variable => !job.Environment.ContainsKey(variable.Key))];
    }

    /// <summary>The identity that the worker's code signs in with, if any.</summary>
    public static string? WorkerIdentity(JobDefinition job) =>
        job.Identities.FirstOrDefault(identity => identity.Use is IdentityUse.Worker)?.Name;

    /// <summary>Identities that containers must not be able to use.</summary>
    public static IReadOnlyList<string> HiddenIdentities(JobDefinition job) =>
        [.. job.Identities.Where(identity => identity.Use is IdentityUse.ScaleRule).Select(identity => identity.Name)];

    /// <summary>Whether any rule signs in as the job itself.</summary>
    public static bool UsesSystemIdentity(JobDefinition job) => job.Rules.Any(rule => rule.Identity == ScaleRuleDefinition.SystemIdentity);

    public static string Cpu(JobDefinition job) => Number(job.Resources.CpuCores);

    public static string Memory(JobDefinition job) => $"{Number(job.Resources.MemoryGi)}Gi";

    /// <summary>A text of the definition. The outputs of its own namespace and identities are already known under other names.</summary>
    public static DeployedText Text(JobDefinition job, DefinedText text) => new([.. text.Parts.SelectMany(part => Part(job, part))]);

    private static IEnumerable<object> Part(JobDefinition job, TextPart part) => part switch
    {
        TextPart.Literal literal => [literal.Text],
        TextPart.Parameter parameter => [new DeployedValue.Parameter(parameter.Name)],
        TextPart.Secret secret => [new DeployedValue.Secret(secret.Name)],
        TextPart.Reference reference => Reference(job, reference.Expression),
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, null),
    };

    private static IEnumerable<object> Reference(JobDefinition job, string expression)
    {
        var (resource, output) = expression.Split(".outputs.") is [var first, var second] ? (first, second) : ("", "");
        if (resource == job.Namespace?.Name)
        {
            switch (output)
            {
                case "name":
                    return [new DeployedValue.NamespaceName()];
                case "serviceBusHostName":
                    return [new DeployedValue.NamespaceName(), $".{job.Cloud.ServiceBusSuffix()}"];
                case "serviceBusEndpoint":
                    return Endpoint(job);
            }
        }

        return output == "clientId" && job.Identities.Any(identity => identity.Name == resource)
            ? [new DeployedValue.ClientId(resource)]
            : [new DeployedValue.Output(expression)];
    }

    // What Azure calls the namespace's endpoint.
    private static object[] Endpoint(JobDefinition job) =>
        ["https://", new DeployedValue.NamespaceName(), $".{job.Cloud.ServiceBusSuffix()}:443/"];

    private static string Number(decimal value) => value.ToString("0.############################", CultureInfo.InvariantCulture);

    private static IEnumerable<(string Name, DeployedText Value)> Connections(JobDefinition job)
    {
        // Without an entity it is an address, not a connection string: what Aspire gives, too.
        var whole = DeployedText.Of(Endpoint(job));
        DeployedText Entity(string path) =>
            DeployedText.Of("Endpoint=sb://", new DeployedValue.NamespaceName(), $".{job.Cloud.ServiceBusSuffix()}/;EntityPath={path}");

        return
        [
            .. Named(job.Namespace?.ConnectionName, job.Namespace?.FurtherConnectionNames, whole),
            .. job.Queues.SelectMany(queue => Named(queue.ConnectionName, queue.FurtherConnectionNames, Entity(queue.Name))),
            .. job.Topics.SelectMany(topic => Named(topic.ConnectionName, topic.FurtherConnectionNames, Entity(topic.Name))),
            .. job.Topics.SelectMany(topic => topic.Subscriptions.SelectMany(subscription => Named(
                subscription.ConnectionName, subscription.FurtherConnectionNames,
                Entity($"{topic.Name}/Subscriptions/{subscription.Name}")))),
        ];
    }

    private static IEnumerable<(string, DeployedText)> Named(string? first, IReadOnlyList<string>? further, DeployedText value) =>
        (first is null ? [] : (string[])[first]).Concat(further ?? []).Select(name => (name, value));

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

        if (job.Cloud.KedaName() is { } cloud)
        {
            Add("cloud", cloud);
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

    private static ExportedRule FurtherRule(JobDefinition job, ScaleRuleDefinition rule) => new(
        rule.Name,
        rule.Type,
        [.. rule.Metadata.Select(item => KeyValuePair.Create(item.Key, Text(job, item.Value)))],
        rule.Identity,
        rule.Auth);

    // As Docker reads it: what stands before the first '/' is a registry if it looks like a host.
    private static bool NamesRegistry(string image)
    {
        var slash = image.IndexOf('/', StringComparison.Ordinal);
        return slash > 0
            && image[..slash] is var host
            && (host == "localhost" || host.Contains('.', StringComparison.Ordinal) || host.Contains(':', StringComparison.Ordinal));
    }
}
