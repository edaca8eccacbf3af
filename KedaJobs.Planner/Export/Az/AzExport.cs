using System.Globalization;
using System.Text;
using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Planner.Export.Az;

/// <summary>
/// The job as an <c>az containerapp job create</c> command for a POSIX shell. Source: the reference of az containerapp job (extension
/// containerapp, which has --scale-rule-identity).
/// </summary>
internal static class AzExport
{
    public static string Write(JobDefinition job, ExportOptions options)
    {
        var variables = new Variables();
        var command = Command(CreateArguments(job, options, variables));
        var patch = NeedsPatch(job) ? $"\n{AzPatch.Write(job, variables)}" : "";
        var script = new StringBuilder();
        script.Append("#!/bin/sh\n");
        script.Append(CultureInfo.InvariantCulture, $"# Creates the event job '{job.Name}'. The environment, the namespace with its queues, the identities and their role\n");
        script.Append("# assignments must exist. Needs the extension: az extension add --name containerapp --upgrade\n");
        foreach (var sentence in JobParts.Omitted(job))
        {
            script.Append(CultureInfo.InvariantCulture, $"# {sentence}\n");
        }

        foreach (var sentence in NeededRoles.Sentences(job))
        {
            script.Append(CultureInfo.InvariantCulture, $"# {sentence}\n");
        }

        script.Append("set -eu\n");
        foreach (var (name, meaning) in variables.All)
        {
            script.Append(CultureInfo.InvariantCulture, $": \"${{{name}:?{meaning}}}\"\n");
        }

        return script.Append('\n').Append(command).Append(patch).ToString();
    }

    /// <summary>The command line as flags with their words, each written for the shell.</summary>
    private static IEnumerable<(string Flag, IReadOnlyList<string> Words)> CreateArguments(JobDefinition job, ExportOptions options, Variables variables)
    {
        var (execution, scale, rule) = (job.Execution, job.Scale, JobParts.Rules(job)[0]);
        yield return ("--name", [job.Name]);
        yield return ("--resource-group", [variables.Word("RESOURCE_GROUP", "name of the resource group")]);
        yield return ("--environment", [variables.Word("CONTAINERAPPS_ENVIRONMENT", "name of the Container Apps environment")]);
        yield return ("--trigger-type", ["Event"]);
        yield return ("--replica-timeout", [Number(execution.ReplicaTimeoutSeconds)]);
        yield return ("--replica-retry-limit", [Number(execution.ReplicaRetryLimit)]);
        yield return ("--replica-completion-count", [Number(execution.ReplicaCompletionCount)]);
        yield return ("--parallelism", [Number(execution.Parallelism)]);
        yield return ("--polling-interval", [Number(scale.PollingIntervalSeconds)]);
        yield return ("--min-executions", [Number(scale.MinExecutions)]);
        yield return ("--max-executions", [Number(scale.MaxExecutions)]);
        yield return ("--scale-rule-name", [Shell.Word(rule.Name)]);
        yield return ("--scale-rule-type", [Shell.Word(rule.Type)]);
        yield return ("--scale-rule-metadata", [.. rule.Metadata.Select(item => Pair(item.Key, item.Value, variables))]);
        if (rule.Identity is { } ruleIdentity)
        {
            yield return ("--scale-rule-identity", [variables.IdentityWord(ruleIdentity)]);
        }

        if (rule.Auth.Count > 0)
        {
            yield return ("--scale-rule-auth", [.. rule.Auth.Select(auth => Shell.Word($"{auth.TriggerParameter}={auth.SecretRef}"))]);
        }

        if (JobParts.Secrets(job) is { Count: > 0 } secrets)
        {
            yield return ("--secrets", [.. secrets.Select(secret => $"{Shell.Word($"{secret}=")}{variables.SecretWord(secret)}")]);
        }

        if (job.Identities.Count > 0)
        {
            yield return ("--mi-user-assigned", [.. job.Identities.Select(identity => variables.IdentityWord(identity.Name))]);
        }

        if (JobParts.UsesSystemIdentity(job))
        {
            yield return ("--mi-system-assigned", []);
        }

        var image = JobParts.Image(job, options);
        yield return ("--image", [Shell.Word(image, variables.Name)]);
        if (!image.IsFixed)
        {
            yield return ("--registry-server", [Shell.Word(DeployedText.Of(new DeployedValue.RegistryServer()), variables.Name)]);
            yield return ("--registry-identity", [JobParts.WorkerIdentity(job) is { } puller ? variables.IdentityWord(puller) : "system"]);
        }

        yield return ("--cpu", [JobParts.Cpu(job)]);
        yield return ("--memory", [JobParts.Memory(job)]);
        yield return ("--env-vars", [.. JobParts.ContainerAppEnvironment(job).Select(variable => Pair(variable.Key, variable.Value, variables))]);
    }

    private static bool NeedsPatch(JobDefinition job) => job.Rules.Count > 0 || JobParts.HiddenIdentities(job).Count > 0;

    private static string Command(IEnumerable<(string Flag, IReadOnlyList<string> Words)> arguments)
    {
        var lines = arguments
            .Where(argument => argument is not { Flag: "--env-vars", Words.Count: 0 })
            .Select(argument => $"  {string.Join(" ", argument.Words.Prepend(argument.Flag))}");
        return $"az containerapp job create \\\n{string.Join(" \\\n", lines)}\n";
    }

    private static string Pair(string name, DeployedText value, Variables variables) =>
        Shell.Word(new([$"{name}=", .. value.Parts]), variables.Name);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
