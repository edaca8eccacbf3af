using System.Text;
using KedaJobs.Scaling.Definitions;
using YamlDotNet.RepresentationModel;

namespace KedaJobs.Planner.Export.Keda;

/// <summary>One execution: a Kubernetes Job with its pods.</summary>
internal static class KedaPods
{
    // The key of a Secret that an environment variable takes; those of scale rules are named after the trigger's parameters.
    private const string ValueKey = "value";

    /// <summary>Which keys a Secret must have, in words.</summary>
    public static string Keys(JobDefinition job, JobSecret secret)
    {
        var parameters = JobParts.Rules(job).SelectMany(rule => rule.Auth).Where(auth => auth.SecretRef == secret.Name)
            .Select(auth => auth.TriggerParameter)
            .Distinct(StringComparer.Ordinal);
        var isVariable = job.Environment.Any(
            variable => variable.Value.Secrets.Any() && SecretNames.OfVariable(variable.Key) == secret.Name);
        List<string> keys = [.. parameters, .. isVariable ? [ValueKey] : Array.Empty<string>()];
        return $"key {string.Join(" and ", keys.Select(key => $"'{key}'"))}";
    }

    public static YamlMappingNode JobSpec(JobDefinition job, ExportOptions options, KedaNames names)
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
            ("template", PodTemplate(job, options, names)));
    }

    private static YamlMappingNode PodTemplate(JobDefinition job, ExportOptions options, KedaNames names)
    {
        var hasIdentity = JobParts.WorkerIdentity(job) is not null;
        return Yaml.Map(
            ("metadata", hasIdentity ? Yaml.Map(("labels", Yaml.Map(("azure.workload.identity/use", Yaml.Quoted("true"))))) : null),
            ("spec", Yaml.Map(
                ("serviceAccountName", hasIdentity ? Yaml.Text(job.Name) : null),
                ("restartPolicy", Yaml.Text("Never")),
                ("terminationGracePeriodSeconds", Yaml.Number(30)),
                ("containers", Yaml.List([Container(job, options, names)])))));
    }

    private static YamlMappingNode Container(JobDefinition job, ExportOptions options, KedaNames names)
    {
        YamlMappingNode Amounts() => Yaml.Map(("cpu", Yaml.Quoted(JobParts.Cpu(job))), ("memory", Yaml.Text(JobParts.Memory(job))));
        return Yaml.Map(
            ("name", Yaml.Text(job.Name)),
            ("image", Yaml.Quoted(names.Render(JobParts.Image(job, options)))),
            ("command", Words(JobParts.Command(job), names)),
            ("args", Words(JobParts.Arguments(job), names)),
            ("env", Yaml.List(Environment(job, names))),
            ("resources", Yaml.Map(("requests", Amounts()), ("limits", Amounts()))));
    }

    private static YamlSequenceNode? Words(IReadOnlyList<DeployedText> words, KedaNames names) =>
        words.Count == 0 ? null : Yaml.List(words.Select(word => Yaml.Quoted(names.Render(word, Escape))));

    private static IEnumerable<YamlNode> Environment(JobDefinition job, KedaNames names)
    {
        YamlMappingNode[] own =
        [
            // What Container Apps tells its executions; here the pod's own labels and name say it.
            Variable("CONTAINER_APP_JOB_NAME", job.Name),
            FieldVariable("CONTAINER_APP_JOB_EXECUTION_NAME", "metadata.labels['batch.kubernetes.io/job-name']"),
            FieldVariable("CONTAINER_APP_REPLICA_NAME", "metadata.name"),
        ];
        return
        [
            .. JobParts.Environment(job).Select(variable => variable.Value.HasSecret
                ? SecretVariable(variable.Key, SecretNames.OfVariable(variable.Key))
                : Variable(variable.Key, names.Render(variable.Value, Escape))),
            .. own.Where(variable => !job.Environment.ContainsKey(variable["name"].ToString())),
        ];
    }

    private static YamlMappingNode Variable(string name, string value) =>
        Yaml.Map(("name", Yaml.Text(name)), ("value", Yaml.Quoted(value)));

    // Kubernetes replaces $(NAME) in a value, and $$ by $. A '$' before anything else stays what it is.
    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var (index, character) in text.Index())
        {
            escaped.Append(character == '$' && (index + 1 == text.Length || text[index + 1] is '$' or '(') ? "$$" : character.ToString());
        }

        return escaped.ToString();
    }

    private static YamlMappingNode SecretVariable(string name, string secret) => Yaml.Map(
        ("name", Yaml.Text(name)),
        ("valueFrom", Yaml.Map(("secretKeyRef", Yaml.Map(("name", Yaml.Text(secret)), ("key", Yaml.Text(ValueKey)))))));

    private static YamlMappingNode FieldVariable(string name, string path) => Yaml.Map(
        ("name", Yaml.Text(name)),
        ("valueFrom", Yaml.Map(("fieldRef", Yaml.Map(("fieldPath", Yaml.Quoted(path)))))));
}
