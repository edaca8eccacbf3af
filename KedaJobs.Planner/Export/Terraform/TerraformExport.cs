using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Planner.Export.Terraform;

/// <summary>
/// The job for Terraform with everything it needs but its image: environment, namespace, entities, identities, role assignments. Source: the
/// documentation of the azurerm provider (identity_id of a scale rule since 4.73) and of the azapi provider.
/// </summary>
internal static class TerraformExport
{
    public static string Write(JobDefinition job, ExportOptions options)
    {
        var names = new TerraformNames(job);
        var root = new Hcl()
            .Comment($"The event job '{job.Name}' on Azure Container Apps, with all it needs but its image.");
        foreach (var sentence in JobParts.Omitted(job))
        {
            root.Comment(sentence);
        }

        foreach (var rule in job.Rules.Where(rule => rule.Identity is not null))
        {
            root.Comment($"Add the role with which the identity '{rule.Identity}' may read what the rule '{rule.Name}' ({rule.Type}) counts.");
        }

        root.Block("terraform", new Hcl()
                .Set("required_version", Hcl.Text(">= 1.5"))
                .Block("required_providers", new Hcl()
                    .SetObject("azapi", new Hcl().Set("source", Hcl.Text("azure/azapi")).Set("version", Hcl.Text(">= 2.0")))
                    .SetObject("azurerm", new Hcl().Set("source", Hcl.Text("hashicorp/azurerm")).Set("version", Hcl.Text(">= 4.73")))))
            .Block("provider \"azurerm\"", new Hcl().Block("features", new()));
        Variables(root, job, options);
        Environment(root, job);
        TerraformMessaging.Write(root, job, names);
        TerraformIdentities.Write(root, job, options, names);
        TerraformJob.Write(root, job, options, names);
        return root.ToString();
    }

    private static void Variables(Hcl root, JobDefinition job, ExportOptions options)
    {
        Variable(root, "resource_group_name", "Name of the resource group that is created.");
        Variable(root, "location", "Azure region, for example westeurope.");
        Variable(root, "servicebus_namespace_name", "Name of the Service Bus namespace that is created; unique in all of Azure.");
        if (!JobParts.Image(job, options).IsFixed)
        {
            Variable(root, "container_registry_name", "Name of the container registry that holds the image.");
            Variable(root, "container_registry_resource_group_name", "Resource group of the container registry.");
        }

        foreach (var secret in JobParts.Secrets(job).Where(secret => !JobParts.IsConnection(job, secret)))
        {
            Variable(root, TerraformNames.Secret(secret), $"Value of the secret '{secret}' that a scale rule needs.", sensitive: true);
        }
    }

    private static void Variable(Hcl root, string name, string description, bool sensitive = false) =>
        root.Block($"variable \"{name}\"", new Hcl()
            .Set("description", Hcl.Text(description))
            .Set("type", "string")
            .Set("sensitive", sensitive ? "true" : null));

    private static void Environment(Hcl root, JobDefinition job) => root
        .Block("resource \"azurerm_resource_group\" \"main\"", new Hcl()
            .Set("name", "var.resource_group_name")
            .Set("location", "var.location"))
        .Block("resource \"azurerm_log_analytics_workspace\" \"main\"", Located(Hcl.Text($"{job.Name}-logs"))
            .Set("sku", Hcl.Text("PerGB2018"))
            .Set("retention_in_days", Hcl.Number(30)))
        .Block("resource \"azurerm_container_app_environment\" \"main\"", Located(Hcl.Text($"{job.Name}-environment"))
            .Set("logs_destination", Hcl.Text("log-analytics"))
            .Set("log_analytics_workspace_id", "azurerm_log_analytics_workspace.main.id")
            .Block("workload_profile", new Hcl()
                .Set("name", Hcl.Text("Consumption"))
                .Set("workload_profile_type", Hcl.Text("Consumption"))));

    /// <summary>The three settings nearly every Azure resource begins with.</summary>
    public static Hcl Located(string name) => new Hcl()
        .Set("name", name)
        .Set("location", "azurerm_resource_group.main.location")
        .Set("resource_group_name", "azurerm_resource_group.main.name");
}
