using System.Globalization;
using System.Text;
using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Planner.Export.Az;

/// <summary>
/// The job for a POSIX shell as an <c>az containerapp job create</c> command, with one update for what it has no flags for;
/// or, where a flag cannot take a value, as one request. Source: the reference of az containerapp job (extension
/// containerapp, which has --scale-rule-identity).
/// </summary>
internal static class AzExport
{
    public static string Write(JobDefinition job, ExportOptions options)
    {
        var variables = new ShellVariables(job);
        var obstacles = AzObstacles.Of(job).ToList();
        var commands = obstacles.Count > 0
            ? AzRequest.Write(job, options, variables, obstacles)
            : $"{AzCreate.Write(job, options, variables)}{(AzPatch.IsNeeded(job) ? $"\n{AzPatch.Write(job, variables)}" : "")}";

        var script = new StringBuilder("#!/bin/sh\n");
        foreach (var sentence in Comments(job))
        {
            script.Append(CultureInfo.InvariantCulture, $"# {Omissions.OneLine(sentence)}\n");
        }

        script.Append("set -eu\n");
        foreach (var (name, meaning) in variables.All)
        {
            script.Append(CultureInfo.InvariantCulture, $": \"${{{name}:?{Shell.Escape(meaning)}}}\"\n");
        }

        return script.Append(Checks(job, obstacles.Count == 0, variables)).Append('\n').Append(commands).ToString();
    }

    private static IEnumerable<string> Comments(JobDefinition job) =>
    [
        $"Creates the {JobParts.Kind(job)} '{job.Name}'{JobParts.Cloud(job)}. "
        + $"The environment{(job.Namespace is null ? "" : ", the namespace with its queues")}, the identities and their role",
        "assignments must exist. Needs the extension: az extension add --name containerapp --upgrade",
        .. Omissions.OfDefinition(job),
        .. Omissions.Messaging(job),
        .. Omissions.SecretArguments(job),
        .. JobParts.WorkloadProfile(job) is { } profile
            ? [$"The environment must have the workload profile {profile}."]
            : Array.Empty<string>(),
        .. NeededRoles.Sentences(job),
    ];

    /// <summary>What must hold before anything is created: the cloud, and values that az would take for something else.</summary>
    private static string Checks(JobDefinition job, bool byFlags, ShellVariables variables)
    {
        var checks = new StringBuilder();
        var cloud = job.Cloud switch
        {
            AzureCloud.UsGovernment => "AzureUSGovernment",
            AzureCloud.China => "AzureChinaCloud",
            _ => null,
        };
        if (cloud is not null)
        {
            checks.Append(CultureInfo.InvariantCulture,
                $"[ \"$(az cloud show --query name --output tsv)\" = {cloud} ] || {{ echo 'The job is for {cloud}: "
                    + $"az cloud set --name {cloud}' >&2; exit 1; }}\n");
        }

        var values = JobParts.ContainerAppEnvironment(job).Where(variable => byFlags && !variable.Value.HasSecret)
            .SelectMany(variable => variable.Value.Parts)
            .Where(part => part is DeployedValue.Parameter or DeployedValue.Output)
            .Distinct();
        foreach (var name in values.Select(value => variables.Name((DeployedValue)value)))
        {
            checks.Append(CultureInfo.InvariantCulture,
                $"case \"${{{name}}}\" in *secretref:*) echo '{name} holds secretref:, which az would take for the name of a secret' >&2; "
                    + $"exit 1;; esac\n");
        }

        return checks.ToString();
    }
}
