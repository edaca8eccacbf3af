using System.Globalization;
using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Planner.Export.Az;

/// <summary>The command <c>az containerapp job create</c>, a flag on each line.</summary>
internal static class AzCreate
{
    public static string Write(JobDefinition job, ExportOptions options, ShellVariables variables)
    {
        var lines = Arguments(job, options, variables).Select(argument => $"  {string.Join(" ", argument.Words.Prepend(argument.Flag))}");
        return $"az containerapp job create \\\n{string.Join(" \\\n", lines)}\n";
    }

    /// <summary>The name of a variable as a word.</summary>
    public static string Word(string variable) => $"\"${{{variable}}}\"";

    /// <summary>The resource id of an identity, or 'system'.</summary>
    private static string IdentityWord(ShellVariables variables, string identity) =>
        identity == ScaleRuleDefinition.SystemIdentity ? identity : Word(variables.IdentityName(identity));

    /// <summary>The command line as flags with their words, each written for the shell.</summary>
    private static IEnumerable<(string Flag, IReadOnlyList<string> Words)> Arguments(
        JobDefinition job, ExportOptions options, ShellVariables variables)
    {
        yield return ("--name", [job.Name]);
        yield return ("--resource-group", [Word(variables.Use("RESOURCE_GROUP", "name of the resource group"))]);
        yield return ("--environment", [Word(variables.Use("CONTAINERAPPS_ENVIRONMENT", "name of the Container Apps environment"))]);
        if (job.WorkloadProfile is { } profile)
        {
            yield return ("--workload-profile-name", [Shell.Word(profile)]);
        }

        foreach (var argument in Trigger(job, variables))
        {
            yield return argument;
        }

        if (JobSecret.Of(job) is { Count: > 0 } secrets)
        {
            yield return ("--secrets", [.. secrets.Select(secret => Pair(secret.Name, JobParts.Text(job, secret.Value), variables))]);
        }

        if (job.Identities.Count > 0)
        {
            yield return ("--mi-user-assigned", [.. job.Identities.Select(identity => IdentityWord(variables, identity.Name))]);
        }

        if (JobParts.UsesSystemIdentity(job))
        {
            yield return ("--mi-system-assigned", []);
        }

        foreach (var argument in Container(job, options, variables))
        {
            yield return argument;
        }
    }

    private static IEnumerable<(string Flag, IReadOnlyList<string> Words)> Trigger(JobDefinition job, ShellVariables variables)
    {
        var (execution, scale) = (job.Execution, job.Scale);
        yield return ("--trigger-type", [job.TriggerType.ToString()]);
        if (job.Schedule is { } schedule)
        {
            yield return ("--cron-expression", [Shell.Word(schedule)]);
        }

        yield return ("--replica-timeout", [Number(execution.ReplicaTimeoutSeconds)]);
        yield return ("--replica-retry-limit", [Number(execution.ReplicaRetryLimit)]);
        yield return ("--replica-completion-count", [Number(execution.ReplicaCompletionCount)]);
        yield return ("--parallelism", [Number(execution.Parallelism)]);
        if (job.TriggerType != JobTriggerType.Event)
        {
            yield break;
        }

        var rule = JobParts.Rules(job)[0];
        yield return ("--polling-interval", [Number(scale.PollingIntervalSeconds)]);
        yield return ("--min-executions", [Number(scale.MinExecutions)]);
        yield return ("--max-executions", [Number(scale.MaxExecutions)]);
        yield return ("--scale-rule-name", [Shell.Word(rule.Name)]);
        yield return ("--scale-rule-type", [Shell.Word(rule.Type)]);
        yield return ("--scale-rule-metadata", [.. rule.Metadata.Select(item => Pair(item.Key, item.Value, variables))]);
        if (rule.Identity is { } identity)
        {
            yield return ("--scale-rule-identity", [IdentityWord(variables, identity)]);
        }

        if (rule.Auth.Count > 0)
        {
            yield return ("--scale-rule-auth", [.. rule.Auth.Select(auth => Shell.Word($"{auth.TriggerParameter}={auth.SecretRef}"))]);
        }
    }

    private static IEnumerable<(string Flag, IReadOnlyList<string> Words)> Container(
        JobDefinition job, ExportOptions options, ShellVariables variables)
    {
        var image = JobParts.Image(job, options);
        yield return ("--image", [Word(image, variables)]);
        if (!image.IsFixed)
        {
            yield return ("--registry-server", [Word(DeployedText.Of(new DeployedValue.RegistryServer()), variables)]);
            yield return ("--registry-identity", [JobParts.WorkerIdentity(job) is { } puller ? IdentityWord(variables, puller) : "system"]);
        }

        yield return ("--cpu", [JobParts.Cpu(job)]);
        yield return ("--memory", [JobParts.Memory(job)]);
        if (JobParts.Command(job) is { Count: > 0 } command)
        {
            yield return ("--command", [.. command.Select(word => Word(word, variables))]);
        }

        if (JobParts.Arguments(job) is { Count: > 0 } arguments)
        {
            yield return ("--args", [.. arguments.Select(word => Word(word, variables))]);
        }

        if (JobParts.ContainerAppEnvironment(job).ToList() is { Count: > 0 } environment)
        {
            yield return ("--env-vars",
            [
                .. environment.Select(variable => variable.Value.HasSecret
                    ? Shell.Word($"{variable.Key}=secretref:{SecretNames.OfVariable(variable.Key)}")
                    : Pair(variable.Key, variable.Value, variables)),
            ]);
        }
    }

    private static string Pair(string name, DeployedText value, ShellVariables variables) =>
        Word(new([$"{name}=", .. value.Parts]), variables);

    private static string Word(DeployedText text, ShellVariables variables) => Shell.Word(variables.Known(text), variables.Name);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
