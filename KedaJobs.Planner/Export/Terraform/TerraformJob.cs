using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Planner.Export.Terraform;

/// <summary>The job itself.</summary>
internal static class TerraformJob
{
    public static void Write(Hcl root, JobDefinition job, ExportOptions options, TerraformNames names)
    {
        var content = TerraformExport.Located(Hcl.Text(job.Name))
            .Set("container_app_environment_id", "azurerm_container_app_environment.main.id")
            .Set("workload_profile_name", Hcl.Text("Consumption"))
            .Set("replica_timeout_in_seconds", Hcl.Number(job.Execution.ReplicaTimeoutSeconds))
            .Set("replica_retry_limit", Hcl.Number(job.Execution.ReplicaRetryLimit))
            .Block("event_trigger_config", EventTrigger(job, names))
            .Block("template", new Hcl().Block("container", Container(job, options, names)))
            .Block("identity", Identity(job));
        if (!JobParts.Image(job, options).IsFixed)
        {
            content.Block("registry", new Hcl()
                .Set("server", names.Expression(new DeployedValue.RegistryServer()))
                .Set("identity", TerraformNames.IdentityId(JobParts.WorkerIdentity(job) ?? ScaleRuleDefinition.SystemIdentity)));
        }

        foreach (var secret in JobParts.Secrets(job))
        {
            content.Block("secret", new Hcl()
                .Set("name", Hcl.Text(secret))
                .Set("value", names.SecretValue(secret)));
        }

        if (TerraformIdentities.Addresses(job, options, names).ToList() is { Count: > 0 } assignments)
        {
            content.SetList("depends_on", assignments);
        }

        root.Block($"resource \"azurerm_container_app_job\" \"{names.Job}\"", content);
        HideIdentities(root, job, names);
    }

    private static Hcl EventTrigger(JobDefinition job, TerraformNames names)
    {
        var scale = new Hcl()
            .Set("polling_interval_in_seconds", Hcl.Number(job.Scale.PollingIntervalSeconds))
            .Set("min_executions", Hcl.Number(job.Scale.MinExecutions))
            .Set("max_executions", Hcl.Number(job.Scale.MaxExecutions));
        foreach (var rule in JobParts.Rules(job))
        {
            scale.Block("rules", Rule(rule, names));
        }

        return new Hcl()
            .Set("parallelism", Hcl.Number(job.Execution.Parallelism))
            .Set("replica_completion_count", Hcl.Number(job.Execution.ReplicaCompletionCount))
            .Block("scale", scale);
    }

    private static Hcl Rule(ExportedRule rule, TerraformNames names)
    {
        var metadata = new Hcl();
        foreach (var (name, value) in rule.Metadata)
        {
            metadata.Set(Key(name), Hcl.Text(value, names.Expression));
        }

        var content = new Hcl()
            .Set("name", Hcl.Text(rule.Name))
            .Set("custom_rule_type", Hcl.Text(rule.Type))
            .Set("identity_id", rule.Identity is { } identity ? TerraformNames.IdentityId(identity) : null)
            .SetObject("metadata", metadata);
        foreach (var auth in rule.Auth)
        {
            content.Block("authentication", new Hcl()
                .Set("secret_name", Hcl.Text(auth.SecretRef))
                .Set("trigger_parameter", Hcl.Text(auth.TriggerParameter)));
        }

        return content;
    }

    private static string Key(string name) => Names.Identifier(name) == name ? name : Hcl.Text(name);

    private static Hcl Container(JobDefinition job, ExportOptions options, TerraformNames names)
    {
        var content = new Hcl()
            .Set("name", Hcl.Text(job.Name))
            .Set("image", Hcl.Text(JobParts.Image(job, options), names.Expression))
            .Set("cpu", JobParts.Cpu(job))
            .Set("memory", Hcl.Text(JobParts.Memory(job)));
        foreach (var (name, value) in JobParts.ContainerAppEnvironment(job))
        {
            content.Block("env", new Hcl().Set("name", Hcl.Text(name)).Set("value", Hcl.Text(value, names.Expression)));
        }

        return content;
    }

    private static Hcl? Identity(JobDefinition job)
    {
        var system = JobParts.UsesSystemIdentity(job);
        return (system, job.Identities.Count) switch
        {
            (false, 0) => null,
            (true, 0) => new Hcl().Set("type", Hcl.Text("SystemAssigned")),
            _ => new Hcl()
                .Set("type", Hcl.Text(system ? "SystemAssigned, UserAssigned" : "UserAssigned"))
                .Set("identity_ids", Hcl.List(job.Identities.Select(identity => TerraformNames.IdentityId(identity.Name)))),
        };
    }

    // azurerm has no identitySettings yet; azapi merges them into the job.
    private static void HideIdentities(Hcl root, JobDefinition job, TerraformNames names)
    {
        if (JobParts.HiddenIdentities(job) is not { Count: > 0 } hidden)
        {
            return;
        }

        var settings = hidden.Select(identity => $"{{ identity = {TerraformNames.IdentityId(identity)}, lifecycle = \"None\" }}");
        root.Comment("The scale rule's identity is for the platform alone: no code in a container can sign in with it.")
            .Block($"resource \"azapi_update_resource\" \"{names.Job}_identity_settings\"", new Hcl()
                .Set("type", Hcl.Text("Microsoft.App/jobs@2025-07-01"))
                .Set("resource_id", $"azurerm_container_app_job.{names.Job}.id")
                .SetObject("body", new Hcl().SetObject("properties", new Hcl().SetObject("configuration", new Hcl()
                    .SetList("identitySettings", settings)))));
    }
}
