using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Planner.Export.Terraform;

/// <summary>The job's identities and their role assignments.</summary>
internal static class TerraformIdentities
{
    public static void Write(Hcl root, JobDefinition job, ExportOptions options, TerraformNames names)
    {
        foreach (var identity in All(job, options))
        {
            root.Block(
                $"resource \"azurerm_user_assigned_identity\" \"{names.IdentityLabel(identity)}\"",
                TerraformExport.Located(names, Hcl.Text(identity)));
        }

        if (!JobParts.Image(job, options).IsFixed)
        {
            root.Block("data \"azurerm_container_registry\" \"main\"", new Hcl()
                .Set("name", "var.container_registry_name")
                .Set("resource_group_name", "var.container_registry_resource_group_name"));
        }

        foreach (var (label, scope, role, identity) in Assignments(job, options, names))
        {
            root.Block($"resource \"azurerm_role_assignment\" \"{label}\"", new Hcl()
                .Set("scope", $"{scope}.id")
                .Set("role_definition_name", Hcl.Text(role))
                .Set("principal_id", $"{names.Identity(identity)}.principal_id")
                .Set("principal_type", Hcl.Text("ServicePrincipal")));
        }
    }

    /// <summary>
    /// The names of all identities of the job: the declared ones, and one that pulls the image where none is the worker's.
    /// </summary>
    public static IReadOnlyList<string> All(JobDefinition job, ExportOptions options) =>
        [.. job.Identities.Select(identity => identity.Name).Concat(Puller(job, options) is { } puller ? [puller] : [])
            .Distinct(StringComparer.Ordinal)];

    /// <summary>Those of them that containers must not be able to use.</summary>
    public static IReadOnlyList<string> Hidden(JobDefinition job, ExportOptions options) =>
        [.. All(job, options).Where(identity => identity != JobParts.WorkerIdentity(job))];

    /// <summary>The identity that pulls the image from the registry; null where it is named with a registry of its own.</summary>
    public static string? Puller(JobDefinition job, ExportOptions options) =>
        JobParts.Image(job, options).IsFixed ? null : JobParts.WorkerIdentity(job) ?? $"{job.Name}-pull";

    /// <summary>The addresses of all role assignments: the job is created after them, so that its first poll may read the counts.</summary>
    public static IEnumerable<string> Addresses(JobDefinition job, ExportOptions options, TerraformNames names) =>
        Assignments(job, options, names).Select(assignment => $"azurerm_role_assignment.{assignment.Label}");

    private static IEnumerable<(string Label, string Scope, string Role, string Identity)> Assignments(
        JobDefinition job, ExportOptions options, TerraformNames names)
    {
        foreach (var needed in NeededRoles.Of(job))
        {
            var verb = needed.Role switch
            {
                NeededRoles.DataReceiver => "receives_from",
                NeededRoles.DataSender => "sends_to",
                _ => "manages",
            };
            var (label, scope) = names.Scope(needed.Scope);
            yield return (names.AssignmentLabel(needed.Identity, verb, label), scope, needed.Role, needed.Identity);
        }

        if (Puller(job, options) is { } puller)
        {
            yield return (names.AssignmentLabel(puller, "pulls_images", ""), "data.azurerm_container_registry.main", "AcrPull", puller);
        }
    }
}
