using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Planner.Export.Terraform;

/// <summary>The job's identities and their role assignments.</summary>
internal static class TerraformIdentities
{
    public static void Write(Hcl root, JobDefinition job, ExportOptions options, TerraformNames names)
    {
        foreach (var identity in job.Identities)
        {
            root.Block(
                $"resource \"azurerm_user_assigned_identity\" \"{Names.Identifier(identity.Name)}\"",
                TerraformExport.Located(Hcl.Text(identity.Name)));
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
                .Set("principal_id", $"{TerraformNames.Identity(identity)}.principal_id")
                .Set("principal_type", Hcl.Text("ServicePrincipal")));
        }
    }

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
            yield return ($"{Names.Identifier(needed.Identity)}_{verb}_{label}", scope, needed.Role, needed.Identity);
        }

        if (!JobParts.Image(job, options).IsFixed && JobParts.WorkerIdentity(job) is { } worker)
        {
            yield return ($"{Names.Identifier(worker)}_pulls_images", "data.azurerm_container_registry.main", "AcrPull", worker);
        }
    }
}
