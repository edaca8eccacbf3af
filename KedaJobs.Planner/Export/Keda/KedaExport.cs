using System.Globalization;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Scaling.Rules;
using YamlDotNet.RepresentationModel;

namespace KedaJobs.Planner.Export.Keda;

/// <summary>
/// The job for any Kubernetes with KEDA and Azure workload identity: a ScaledJob with a TriggerAuthentication for each way a rule signs in,
/// or a CronJob, and the worker's service account. Source: KEDA's resources keda.sh/v1alpha1, and Kubernetes' Job and CronJob.
/// </summary>
internal static class KedaExport
{
    private const string KedaVersion = "keda.sh/v1alpha1";

    // The executions that Container Apps keeps, failed ones and others; KEDA's default is the same number.
    private const int History = 100;

    public static string Write(JobDefinition job, ExportOptions options)
    {
        var names = new KedaNames(job);
        List<YamlNode> documents = [];
        if (JobParts.WorkerIdentity(job) is { } identity)
        {
            documents.Add(ServiceAccount(job.Name, names.Render(DeployedText.Of(new DeployedValue.ClientId(identity)))));
        }

        var rules = JobParts.Rules(job);
        documents.AddRange(rules
            .Select(rule => Authentication(rule, names))
            .OfType<YamlMappingNode>()
            .DistinctBy(document => document["metadata"]["name"].ToString()));
        documents.Add(job.TriggerType == JobTriggerType.Event ? ScaledJob(job, rules, options, names) : CronJob(job, options, names));
        return Yaml.Write(Comments(job, options, names), documents);
    }

    private static IEnumerable<string> Comments(JobDefinition job, ExportOptions options, KedaNames names)
    {
        yield return $"The {JobParts.Kind(job)} '{job.Name}' for Kubernetes with KEDA and Azure workload identity{JobParts.Cloud(job)}.";
        foreach (var sentence in Omissions.OfDefinition(job).Concat(Omissions.Messaging(job)))
        {
            yield return sentence;
        }

        if (JobParts.WorkloadProfile(job) is { } profile)
        {
            yield return Omissions.Sentence(
                $"the workload profile {profile}: Kubernetes has node pools instead. Choose one with nodeSelector.");
        }

        if (options.Completion is { } completion
            && job.TriggerType == JobTriggerType.Event
            && StrategyFit.Problem(options.Strategy, completion) is { } problem)
        {
            yield return $"WARNING: {problem}.";
        }

        foreach (var sentence in Omissions.SecretArguments(job))
        {
            yield return sentence;
        }

        if (names.Variables.All.OrderBy(variable => variable.Name, StringComparer.Ordinal).ToList() is { Count: > 0 } variables)
        {
            // Named one by one, or envsubst would replace every '$' of a user's value too.
            yield return "Export these variables, then: "
                + $"envsubst '{string.Join(" ", variables.Select(variable => $"${{{variable.Name}}}"))}' < FILE | kubectl apply -f -";
            foreach (var (name, meaning) in variables)
            {
                yield return $"  {name}: {meaning}";
            }
        }

        foreach (var sentence in NeededRoles.Sentences(job))
        {
            yield return sentence;
        }

        foreach (var secret in JobSecret.Of(job))
        {
            yield return $"A Secret '{secret.Name}' must exist. Its {KedaPods.Keys(job, secret)} holds {secret.Value}.";
        }

        if (job.TriggerType == JobTriggerType.Manual)
        {
            yield return $"Start an execution: kubectl create job {job.Name}-$(date +%s) --from=cronjob/{job.Name}";
        }

        if (job.Execution.Parallelism > 1)
        {
            yield return "Retries for each replica and successPolicy need Kubernetes 1.33.";
        }
    }

    private static YamlMappingNode ServiceAccount(string name, string clientId) => Yaml.Map(
        ("apiVersion", Yaml.Text("v1")),
        ("kind", Yaml.Text("ServiceAccount")),
        ("metadata", Yaml.Map(
            ("name", Yaml.Text(name)),
            ("annotations", Yaml.Map(("azure.workload.identity/client-id", Yaml.Quoted(clientId)))))));

    private static YamlMappingNode? Authentication(ExportedRule rule, KedaNames names)
    {
        if (names.Authentication(rule) is not { } name)
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
                ("identityId", Yaml.Quoted(names.Render(DeployedText.Of(new DeployedValue.ClientId(identity)))))))),
        };
        return Yaml.Map(
            ("apiVersion", Yaml.Text(KedaVersion)),
            ("kind", Yaml.Text("TriggerAuthentication")),
            ("metadata", Yaml.Map(("name", Yaml.Text(name)))),
            ("spec", spec));
    }

    private static YamlMappingNode ScaledJob(
        JobDefinition job, IReadOnlyList<ExportedRule> rules, ExportOptions options, KedaNames names) =>
        Yaml.Map(
            ("apiVersion", Yaml.Text(KedaVersion)),
            ("kind", Yaml.Text("ScaledJob")),
            ("metadata", Yaml.Map(("name", Yaml.Text(job.Name)))),
            ("spec", Yaml.Map(
                ("pollingInterval", Yaml.Number(job.Scale.PollingIntervalSeconds)),
                ("minReplicaCount", Yaml.Number(job.Scale.MinExecutions)),
                ("maxReplicaCount", Yaml.Number(job.Scale.MaxExecutions)),

                // KEDA's default, immediate, ends running executions whenever the resource changes; Container Apps lets them finish.
                ("rollout", Yaml.Map(("strategy", Yaml.Text("gradual")))),
                ("scalingStrategy", Strategy(options)),
                ("triggers", Yaml.List(rules.Select(rule => Trigger(rule, names)))),
                ("jobTargetRef", KedaPods.JobSpec(job, options, names)))));

    private static YamlMappingNode Strategy(ExportOptions options) => Yaml.Map(
        ("strategy", Yaml.Text(options.Strategy.ToString().ToLowerInvariant())),
        ("customScalingQueueLengthDeduction", options.Deduction is { } deduction ? Yaml.Number(deduction) : null),
        ("customScalingRunningJobPercentage", options.Percentage is { } percentage
            ? Yaml.Quoted(percentage.ToString(CultureInfo.InvariantCulture))
            : null));

    /// <summary>
    /// A scheduled job; or a manual one: a CronJob that is suspended, because executions can be started from it again and
    /// again, while a Job of its own runs once.
    /// </summary>
    private static YamlMappingNode CronJob(JobDefinition job, ExportOptions options, KedaNames names) => Yaml.Map(
        ("apiVersion", Yaml.Text("batch/v1")),
        ("kind", Yaml.Text("CronJob")),
        ("metadata", Yaml.Map(("name", Yaml.Text(job.Name)))),
        ("spec", Yaml.Map(

            // Required of a suspended one, too. There is no 31 February.
            ("schedule", Yaml.Quoted(job.Schedule ?? "0 0 31 2 *")),
            ("timeZone", Yaml.Text("Etc/UTC")),
            ("suspend", job.TriggerType == JobTriggerType.Manual ? Yaml.Boolean(true) : null),

            // A schedule in Container Apps starts an execution even if the previous one is still running.
            ("concurrencyPolicy", Yaml.Text("Allow")),
            ("successfulJobsHistoryLimit", Yaml.Number(History)),
            ("failedJobsHistoryLimit", Yaml.Number(History)),
            ("jobTemplate", Yaml.Map(("spec", KedaPods.JobSpec(job, options, names)))))));

    private static YamlMappingNode Trigger(ExportedRule rule, KedaNames names)
    {
        var metadata = new YamlMappingNode();
        foreach (var (key, value) in rule.Metadata)
        {
            metadata.Add(Yaml.Text(key), Yaml.Quoted(names.Render(value)));
        }

        return Yaml.Map(
            ("type", Yaml.Text(rule.Type)),
            ("name", Yaml.Text(rule.Name)),
            ("metadata", metadata),
            ("authenticationRef", names.Authentication(rule) is { } name ? Yaml.Map(("name", Yaml.Text(name))) : null));
    }
}
