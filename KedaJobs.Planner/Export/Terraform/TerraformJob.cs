using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Planner.Export.Terraform;

/// <summary>The job itself.</summary>
internal static class TerraformJob
{
    public static void Write(Hcl root, JobDefinition job, ExportOptions options, TerraformNames names)
    {
        var content = TerraformExport.Located(names, Hcl.Text(job.Name))
            .Set("container_app_environment_id", "azurerm_container_app_environment.main.id")
            .Set("workload_profile_name", Hcl.Text(job.WorkloadProfile ?? "Consumption"))
            .Set("replica_timeout_in_seconds", Hcl.Number(job.Execution.ReplicaTimeoutSeconds))
            .Set("replica_retry_limit", Hcl.Number(job.Execution.ReplicaRetryLimit))
            .Block(TriggerBlock(job), Trigger(job, names))
            .Block("template", new Hcl().Block("container", Container(job, options, names)))
            .Block("identity", Identity(job, options, names));
        if (TerraformIdentities.Puller(job, options) is { } puller)
        {
            content.Block("registry", new Hcl()
                .Set("server", names.Expression(new DeployedValue.RegistryServer()))
                .Set("identity", names.IdentityId(puller)));
        }

        foreach (var secret in JobSecret.Of(job))
        {
            content.Block("secret", new Hcl()
                .Set("name", Hcl.Text(secret.Name))
                .Set("value", names.SecretValue(secret)));
        }

        if (TerraformIdentities.Addresses(job, options, names).ToList() is { Count: > 0 } assignments)
        {
            content.SetList("depends_on", assignments);
        }

        root.Block($"resource \"azurerm_container_app_job\" \"{names.Job}\"", content);
        HideIdentities(root, job, options, names);
    }

    private static string TriggerBlock(JobDefinition job) => job.TriggerType switch
    {
        JobTriggerType.Event => "event_trigger_config",
        JobTriggerType.Schedule => "schedule_trigger_config",
        _ => "manual_trigger_config",
    };

    private static Hcl Trigger(JobDefinition job, TerraformNames names)
    {
        var content = new Hcl()
            .Set("cron_expression", job.Schedule is { } schedule ? Hcl.Text(schedule) : null)
            .Set("parallelism", Hcl.Number(job.Execution.Parallelism))
            .Set("replica_completion_count", Hcl.Number(job.Execution.ReplicaCompletionCount));
        if (job.TriggerType != JobTriggerType.Event)
        {
            return content;
        }

        var scale = new Hcl()
            .Set("polling_interval_in_seconds", Hcl.Number(job.Scale.PollingIntervalSeconds))
            .Set("min_executions", Hcl.Number(job.Scale.MinExecutions))
            .Set("max_executions", Hcl.Number(job.Scale.MaxExecutions));
        foreach (var rule in JobParts.Rules(job))
        {
            scale.Block("rules", Rule(rule, names));
        }

        return content.Block("scale", scale);
    }

    private static Hcl Rule(ExportedRule rule, TerraformNames names)
    {
        var metadata = new Hcl();
        foreach (var (name, value) in rule.Metadata)
        {
            metadata.Set(Hcl.Key(name), Hcl.Text(value, names.Expression));
        }

        var content = new Hcl()
            .Set("name", Hcl.Text(rule.Name))
            .Set("custom_rule_type", Hcl.Text(rule.Type))
            .Set("identity_id", rule.Identity is { } identity ? names.IdentityId(identity) : null)
            .SetObject("metadata", metadata);
        foreach (var auth in rule.Auth)
        {
            content.Block("authentication", new Hcl()
                .Set("secret_name", Hcl.Text(auth.SecretRef))
                .Set("trigger_parameter", Hcl.Text(auth.TriggerParameter)));
        }

        return content;
    }

    private static Hcl Container(JobDefinition job, ExportOptions options, TerraformNames names)
    {
        var content = new Hcl()
            .Set("name", Hcl.Text(job.Name))
            .Set("image", Hcl.Text(JobParts.Image(job, options), names.Expression))
            .Set("cpu", JobParts.Cpu(job))
            .Set("memory", Hcl.Text(JobParts.Memory(job)))
            .Set("command", Words(JobParts.Command(job), names))
            .Set("args", Words(JobParts.Arguments(job), names));
        foreach (var (name, value) in JobParts.ContainerAppEnvironment(job))
        {
            content.Block("env", new Hcl()
                .Set("name", Hcl.Text(name))
                .Set("secret_name", value.HasSecret ? Hcl.Text(SecretNames.OfVariable(name)) : null)
                .Set("value", value.HasSecret ? null : Hcl.Text(value, names.Expression)));
        }

        return content;
    }

    private static string? Words(IReadOnlyList<DeployedText> words, TerraformNames names) =>
        words.Count == 0 ? null : Hcl.List(words.Select(word => Hcl.Text(word, names.Expression)));

    private static Hcl? Identity(JobDefinition job, ExportOptions options, TerraformNames names)
    {
        var (system, identities) = (JobParts.UsesSystemIdentity(job), TerraformIdentities.All(job, options));
        return (system, identities.Count) switch
        {
            (false, 0) => null,
            (true, 0) => new Hcl().Set("type", Hcl.Text("SystemAssigned")),
            _ => new Hcl()
                .Set("type", Hcl.Text(system ? "SystemAssigned, UserAssigned" : "UserAssigned"))
                .Set("identity_ids", Hcl.List(identities.Select(names.IdentityId))),
        };
    }

    // azurerm has no identitySettings yet; azapi merges them into the job.
    private static void HideIdentities(Hcl root, JobDefinition job, ExportOptions options, TerraformNames names)
    {
        if (TerraformIdentities.Hidden(job, options) is not { Count: > 0 } hidden)
        {
            return;
        }

        var settings = hidden.Select(identity => $"{{ identity = {names.IdentityId(identity)}, lifecycle = \"None\" }}");
        root.Comment("For the platform only: no code in a container can sign in with these identities.")
            .Block($"resource \"azapi_update_resource\" \"{names.Job}_identity_settings\"", new Hcl()
                .Set("type", Hcl.Text("Microsoft.App/jobs@2025-07-01"))
                .Set("resource_id", $"azurerm_container_app_job.{names.Job}.id")
                .SetObject("body", new Hcl().SetObject("properties", new Hcl().SetObject("configuration", new Hcl()
                    .SetList("identitySettings", settings)))));
    }
}
