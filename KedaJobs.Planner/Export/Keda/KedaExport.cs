using KedaJobs.Scaling.Definitions;
using YamlDotNet.RepresentationModel;

namespace KedaJobs.Planner.Export.Keda;

/// <summary>
/// The job for any Kubernetes with KEDA and Azure workload identity: a ScaledJob, a TriggerAuthentication for each way a rule signs in, and the
/// worker's service account. Source: KEDA's resources keda.sh/v1alpha1 and Kubernetes' Job.
/// </summary>
internal static class KedaExport
{
    private const string KedaVersion = "keda.sh/v1alpha1";

    public static string Write(JobDefinition job, ExportOptions options)
    {
        var variables = new SortedDictionary<string, string>(StringComparer.Ordinal);
        string Render(DeployedText text) => text.Render(literal => literal, value => $"${{{Variable(value, variables)}}}");

        List<YamlNode> documents = [];
        if (JobParts.WorkerIdentity(job) is { } identity)
        {
            documents.Add(ServiceAccount(job.Name, Render(DeployedText.Of(new DeployedValue.ClientId(identity)))));
        }

        var rules = JobParts.Rules(job);
        documents.AddRange(rules
            .Select(rule => Authentication(job, rule, Render))
            .OfType<YamlMappingNode>()
            .DistinctBy(document => document["metadata"]["name"].ToString()));
        documents.Add(ScaledJob(job, rules, options, Render));
        return Yaml.Write(Comments(job, variables), documents);
    }

    private static IEnumerable<string> Comments(JobDefinition job, SortedDictionary<string, string> variables)
    {
        yield return $"The event job '{job.Name}' for Kubernetes with KEDA and Azure workload identity.";
        foreach (var sentence in JobParts.Omitted(job))
        {
            yield return sentence;
        }

        if (variables.Count > 0)
        {
            // Named one by one, or envsubst would replace every '$' of a user's value too.
            var names = string.Join(" ", variables.Keys.Select(name => $"${{{name}}}"));
            yield return $"Export these variables, then: envsubst '{names}' < FILE | kubectl apply -f -";
            foreach (var (name, meaning) in variables)
            {
                yield return $"  {name}: {meaning}";
            }
        }

        foreach (var sentence in NeededRoles.Sentences(job))
        {
            yield return sentence;
        }

        foreach (var secret in JobParts.Secrets(job))
        {
            yield return $"A Secret '{secret}' must exist; its keys are the trigger parameters below.";
        }

        if (job.Execution.Parallelism > 1)
        {
            yield return "Retries for each replica and successPolicy need Kubernetes 1.33.";
        }
    }

    private static string Variable(DeployedValue value, SortedDictionary<string, string> variables)
    {
        var (name, meaning) = value switch
        {
            DeployedValue.NamespaceName => ("SERVICEBUS_NAMESPACE", "name of the Service Bus namespace, without .servicebus.windows.net"),
            DeployedValue.RegistryServer => ("REGISTRY_SERVER", "host name of the container registry"),
            DeployedValue.ClientId(var identity) => (Names.ShellVariable(identity, "_CLIENT_ID"), $"client id of the managed identity '{identity}'"),
            _ => throw new ArgumentOutOfRangeException(nameof(value), value, null),
        };
        variables[name] = meaning;
        return name;
    }

    private static YamlMappingNode ServiceAccount(string name, string clientId) => Yaml.Map(
        ("apiVersion", Yaml.Text("v1")),
        ("kind", Yaml.Text("ServiceAccount")),
        ("metadata", Yaml.Map(
            ("name", Yaml.Text(name)),
            ("annotations", Yaml.Map(("azure.workload.identity/client-id", Yaml.Quoted(clientId)))))));

    private static string? AuthenticationName(JobDefinition job, ExportedRule rule) => rule switch
    {
        { Identity: ScaleRuleDefinition.SystemIdentity } => $"{job.Name}-keda-operator",
        { Identity: { } identity } => ResourceName(identity),
        { Auth.Count: > 0 } => ResourceName($"{job.Name}-{rule.Name}"),
        _ => null,
    };

    // Kubernetes wants lower case and no '_'.
    private static string ResourceName(string name) => name.ToLowerInvariant().Replace('_', '-');

    private static YamlMappingNode? Authentication(JobDefinition job, ExportedRule rule, Func<DeployedText, string> render)
    {
        if (AuthenticationName(job, rule) is not { } name)
        {
            return null;
        }

        var spec = rule.Identity switch
        {
            null => Yaml.Map(("secretTargetRef", Yaml.List(rule.Auth.Select(auth => Yaml.Map(
                ("parameter", Yaml.Text(auth.TriggerParameter)),
                ("name", Yaml.Text(auth.SecretRef)),
                ("key", Yaml.Text(auth.TriggerParameter))))))),

            // Nothing in a cluster is the job itself: the KEDA operator's own identity comes nearest.
            ScaleRuleDefinition.SystemIdentity => Yaml.Map(("podIdentity", Yaml.Map(("provider", Yaml.Text("azure-workload"))))),
            var identity => Yaml.Map(("podIdentity", Yaml.Map(
                ("provider", Yaml.Text("azure-workload")),
                ("identityId", Yaml.Quoted(render(DeployedText.Of(new DeployedValue.ClientId(identity)))))))),
        };
        return Yaml.Map(
            ("apiVersion", Yaml.Text(KedaVersion)),
            ("kind", Yaml.Text("TriggerAuthentication")),
            ("metadata", Yaml.Map(("name", Yaml.Text(name)))),
            ("spec", spec));
    }

    private static YamlMappingNode ScaledJob(
        JobDefinition job, IReadOnlyList<ExportedRule> rules, ExportOptions options, Func<DeployedText, string> render) => Yaml.Map(
        ("apiVersion", Yaml.Text(KedaVersion)),
        ("kind", Yaml.Text("ScaledJob")),
        ("metadata", Yaml.Map(("name", Yaml.Text(job.Name)))),
        ("spec", Yaml.Map(
            ("pollingInterval", Yaml.Number(job.Scale.PollingIntervalSeconds)),
            ("minReplicaCount", Yaml.Number(job.Scale.MinExecutions)),
            ("maxReplicaCount", Yaml.Number(job.Scale.MaxExecutions)),
            ("scalingStrategy", Yaml.Map(("strategy", Yaml.Text("default")))),
            ("triggers", Yaml.List(rules.Select(rule => Trigger(job, rule, render)))),
            ("jobTargetRef", JobSpec(job, options, render)))));

    private static YamlMappingNode Trigger(JobDefinition job, ExportedRule rule, Func<DeployedText, string> render)
    {
        var metadata = new YamlMappingNode();
        foreach (var (key, value) in rule.Metadata)
        {
            metadata.Add(Yaml.Text(key), Yaml.Quoted(render(value)));
        }

        return Yaml.Map(
            ("type", Yaml.Text(rule.Type)),
            ("name", Yaml.Text(rule.Name)),
            ("metadata", metadata),
            ("authenticationRef", AuthenticationName(job, rule) is { } name ? Yaml.Map(("name", Yaml.Text(name))) : null));
    }

    private static YamlMappingNode JobSpec(JobDefinition job, ExportOptions options, Func<DeployedText, string> render)
    {
        var (execution, sideBySide) = (job.Execution, job.Execution.Parallelism > 1);
        return Yaml.Map(
            ("parallelism", Yaml.Number(execution.Parallelism)),
            ("completions", Yaml.Number(execution.Parallelism)),
            ("completionMode", sideBySide ? Yaml.Text("Indexed") : null),
            ("successPolicy", sideBySide
                ? Yaml.Map(("rules", Yaml.List([Yaml.Map(("succeededCount", Yaml.Number(execution.ReplicaCompletionCount)))])))
                : null),
            (sideBySide ? "backoffLimitPerIndex" : "backoffLimit", Yaml.Number(execution.ReplicaRetryLimit)),
            ("activeDeadlineSeconds", Yaml.Number(execution.ReplicaTimeoutSeconds)),
            ("template", PodTemplate(job, options, render)));
    }

    private static YamlMappingNode PodTemplate(JobDefinition job, ExportOptions options, Func<DeployedText, string> render)
    {
        var hasIdentity = JobParts.WorkerIdentity(job) is not null;
        return Yaml.Map(
            ("metadata", hasIdentity ? Yaml.Map(("labels", Yaml.Map(("azure.workload.identity/use", Yaml.Quoted("true"))))) : null),
            ("spec", Yaml.Map(
                ("serviceAccountName", hasIdentity ? Yaml.Text(job.Name) : null),
                ("restartPolicy", Yaml.Text("Never")),
                ("terminationGracePeriodSeconds", Yaml.Number(30)),
                ("containers", Yaml.List([Container(job, options, render)])))));
    }

    private static YamlMappingNode Container(JobDefinition job, ExportOptions options, Func<DeployedText, string> render)
    {
        YamlMappingNode Amounts() => Yaml.Map(("cpu", Yaml.Quoted(JobParts.Cpu(job))), ("memory", Yaml.Text(JobParts.Memory(job))));
        return Yaml.Map(
            ("name", Yaml.Text(job.Name)),
            ("image", Yaml.Quoted(render(JobParts.Image(job, options)))),
            ("env", Yaml.List(Environment(job, render))),
            ("resources", Yaml.Map(("requests", Amounts()), ("limits", Amounts()))));
    }

    private static IEnumerable<YamlNode> Environment(JobDefinition job, Func<DeployedText, string> render) =>
    [
        .. JobParts.Environment(job).Select(variable => Variable(variable.Key, render(variable.Value))),

        // What Container Apps tells its executions; here the pod's own labels and name say it.
        Variable("CONTAINER_APP_JOB_NAME", job.Name),
        FieldVariable("CONTAINER_APP_JOB_EXECUTION_NAME", "metadata.labels['batch.kubernetes.io/job-name']"),
        FieldVariable("CONTAINER_APP_REPLICA_NAME", "metadata.name"),
    ];

    // Kubernetes replaces $(NAME) in a value; $$(NAME) stays what was declared.
    private static YamlMappingNode Variable(string name, string value) => Yaml.Map(
        ("name", Yaml.Text(name)),
        ("value", Yaml.Quoted(value.Replace("$(", "$$(", StringComparison.Ordinal))));

    private static YamlMappingNode FieldVariable(string name, string path) => Yaml.Map(
        ("name", Yaml.Text(name)),
        ("valueFrom", Yaml.Map(("fieldRef", Yaml.Map(("fieldPath", Yaml.Quoted(path)))))));
}
