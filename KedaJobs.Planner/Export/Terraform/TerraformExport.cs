using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Planner.Export.Terraform;

/// <summary>
/// The job for Terraform with everything it needs but its image: environment, namespace, entities, identities, role assignments.
/// Source: the documentation of the azurerm provider (identity_id of a scale rule since 4.73,
/// auto_delete_subscription_default_rule since 4.81) and of the azapi provider.
/// </summary>
internal static class TerraformExport
{
    public static string Write(JobDefinition job, ExportOptions options)
    {
        var names = new TerraformNames(job);

        // First what refers to values: only then is it known which variables there are.
        var resources = new Hcl();
        Environment(resources, job, names);
        TerraformMessaging.Write(resources, job, names);
        TerraformIdentities.Write(resources, job, options, names);
        TerraformJob.Write(resources, job, options, names);

        var root = new Hcl()
            .Comment(
                $"The {JobParts.Kind(job)} '{job.Name}' on Azure Container Apps{JobParts.Cloud(job)}, "
                + "with everything it needs except its image.");
        foreach (var sentence in Comments(job))
        {
            root.Comment(sentence);
        }

        Providers(root, job);
        Variables(root, job, options, names);
        return root.Append(resources).ToString();
    }

    private static IEnumerable<string> Comments(JobDefinition job) =>
    [
        .. Omissions.OfDefinition(job),
        .. from topic in job.Topics
           from subscription in topic.Subscriptions
           from rule in subscription.Rules ?? []
           where rule.CorrelationFilter?.RequiresPreprocessing is not null
           select Omissions.Sentence(
               $"requiresPreprocessing of the rule '{rule.Name}' of '{topic.Name}/{subscription.Name}': azurerm has no field for it."),
        .. Omissions.SecretArguments(job),
        .. job.Rules.Where(rule => rule.Identity is not null).Select(rule =>
            $"Assign a role that lets the identity '{rule.Identity}' read what the rule '{rule.Name}' ({rule.Type}) counts."),
        .. job.Namespace?.Existing is null || (job.Queues.Count == 0 && job.Topics.Count == 0) ? Array.Empty<string>()
            :
            [
                "The namespace exists; its queues, topics and subscriptions are created. Import those that already exist: "
                + "terraform import ADDRESS ID",
            ],
    ];

    private static void Providers(Hcl root, JobDefinition job)
    {
        var filters = TerraformMessaging.HasFilters(job);
        var environment = job.Cloud switch
        {
            AzureCloud.UsGovernment => Hcl.Text("usgovernment"),
            AzureCloud.China => Hcl.Text("china"),
            _ => null,
        };

        // Azure gives a new subscription a rule that takes everything. It must be removed before the first
        // message, not only once the declared rules exist.
        var features = filters
            ? new Hcl().Block("servicebus", new Hcl().Set("auto_delete_subscription_default_rule", Hcl.Boolean(true)))
            : new();
        root.Block("terraform", new Hcl()
                .Set("required_version", Hcl.Text(">= 1.5"))
                .Block("required_providers", new Hcl()
                    .SetObject("azapi", new Hcl().Set("source", Hcl.Text("azure/azapi")).Set("version", Hcl.Text(">= 2.0")))
                    .SetObject("azurerm", new Hcl().Set("source", Hcl.Text("hashicorp/azurerm"))
                        .Set("version", Hcl.Text(filters ? ">= 4.81" : ">= 4.73")))))
            .Block("provider \"azurerm\"", new Hcl().Set("environment", environment).Block("features", features));
        if (environment is not null)
        {
            root.Block("provider \"azapi\"", new Hcl().Set("environment", environment));
        }
    }

    private static void Variables(Hcl root, JobDefinition job, ExportOptions options, TerraformNames names)
    {
        Variable(
            root, "resource_group_name", "Name of the resource group that "
                + $"{(names.IsResourceGroupExisting ? "is deployed to; the namespace is in it" : "is created")}.");
        Variable(root, "location", $"Azure region, for example {job.Cloud switch
        {
            AzureCloud.UsGovernment => "usgovvirginia",
            AzureCloud.China => "chinanorth3",
            _ => "westeurope",
        }}.");
        if (job.Namespace is { Existing: null })
        {
            Variable(root, "servicebus_namespace_name", "Name of the Service Bus namespace that is created; unique in all of Azure.");
        }

        if (!JobParts.Image(job, options).IsFixed)
        {
            Variable(
                root, "container_registry_name",
                $"Name of the container registry that holds the image, without .{job.Cloud.RegistrySuffix()}.");
            Variable(root, "container_registry_resource_group_name", "Resource group of the container registry.");
        }

        if (job is { WorkloadProfile: { } profile, WorkloadProfileNodes: null })
        {
            Variable(root, "workload_profile_type", $"Type of the workload profile '{profile}', for example D4.");
            Variable(root, "workload_profile_minimum_count", $"Minimum number of nodes of the workload profile '{profile}'.", "number");
            Variable(root, "workload_profile_maximum_count", $"Maximum number of nodes of the workload profile '{profile}'.", "number");
        }

        foreach (var (name, description, isSecret) in names.Parameters)
        {
            Variable(root, name, description, isSecret: isSecret);
        }
    }

    private static void Variable(Hcl root, string name, string description, string type = "string", bool isSecret = false) =>
        root.Block($"variable \"{name}\"", new Hcl()
            .Set("description", Hcl.Text(description))
            .Set("type", type)
            .Set("sensitive", isSecret ? "true" : null));

    private static void Environment(Hcl root, JobDefinition job, TerraformNames names)
    {
        root.Block($"{(names.IsResourceGroupExisting ? "data" : "resource")} \"azurerm_resource_group\" \"main\"", new Hcl()
            .Set("name", "var.resource_group_name")
            .Set("location", names.IsResourceGroupExisting ? null : "var.location"));
        var environment = Located(names, Hcl.Text($"{job.Name}-environment"))
            .Set("logs_destination", Hcl.Text("log-analytics"))
            .Set("log_analytics_workspace_id", "azurerm_log_analytics_workspace.main.id")
            .Block("workload_profile", new Hcl()
                .Set("name", Hcl.Text("Consumption"))
                .Set("workload_profile_type", Hcl.Text("Consumption")));
        if (job.WorkloadProfile is { } profile)
        {
            environment.Block("workload_profile", new Hcl()
                .Set("name", Hcl.Text(profile))
                .Set("workload_profile_type", job.WorkloadProfileNodes is { } nodes ? Hcl.Text(nodes.Type) : "var.workload_profile_type")
                .Set("minimum_count", Count(job, nodes => nodes.MinimumCount, "var.workload_profile_minimum_count"))
                .Set("maximum_count", Count(job, nodes => nodes.MaximumCount, "var.workload_profile_maximum_count")));
        }

        root.Block("resource \"azurerm_log_analytics_workspace\" \"main\"", Located(names, Hcl.Text($"{job.Name}-logs"))
                .Set("sku", Hcl.Text("PerGB2018"))
                .Set("retention_in_days", Hcl.Number(30)))
            .Block("resource \"azurerm_container_app_environment\" \"main\"", environment);
    }

    private static string? Count(JobDefinition job, Func<WorkloadProfileDefinition, int?> count, string variable) =>
        job.WorkloadProfileNodes is not { } nodes ? variable : count(nodes) is { } number ? Hcl.Number(number) : null;

    /// <summary>The three settings nearly every Azure resource begins with.</summary>
    public static Hcl Located(TerraformNames names, string name) => new Hcl()
        .Set("name", name)
        .Set("location", names.IsResourceGroupExisting ? "var.location" : $"{names.ResourceGroup}.location")
        .Set("resource_group_name", $"{names.ResourceGroup}.name");
}
