namespace KedaJobs.Tests.Hosting.Publishing.Definitions;

/// <summary>How each kind of declared fact shows in each export: what is written, or the sentence that names what cannot be.</summary>
internal static class ExportedFacts
{
    // Inside braces, with variables of the shell.
    private const string Body = "(?:[^{}]|\\${\\w+})*";

    // A file's own business.
    private static readonly string[] NotExported = ["schemaVersion"];

    private static readonly Dictionary<string, (string Keda, string Az, string Terraform)> Patterns = All()
        .ToDictionary(fact => fact.Path, fact => (fact.Keda, fact.Az, fact.Terraform));

    public static bool IsExported(DefinedFact fact) => !NotExported.Contains(fact.Path);

    /// <exception cref="KeyNotFoundException">Nothing says how the fact is exported: add it, and see that it is.</exception>
    public static (string Keda, string Az, string Terraform) PatternsOf(DefinedFact fact) =>
        Patterns.TryGetValue($"{fact.Path}={fact.Value}", out var ofValue) ? ofValue
            : Patterns.TryGetValue($"{fact.Path}~{fact.Value.Split('.')[^1]}", out var ofEnd) ? ofEnd
            : Patterns.TryGetValue(fact.Path, out var patterns) ? patterns
            : throw new KeyNotFoundException($"{fact.Path} (for instance {fact.Value}) is in no table of {nameof(ExportedFacts)}.");

    private static IEnumerable<(string Path, string Keda, string Az, string Terraform)> All() =>
    [
        .. OfTheJob(),
        .. OfRules(),
        .. OfEntities("queues[*]", "the queue '{name}'", "azurerm_servicebus_queue\" \"{nid}\"", "queue {name}", "{name}", "{nid}"),
        .. OfEntities("topics[*]", "the topic '{name}'", "azurerm_servicebus_topic\" \"{nid}\"", "topic {name}", "{name}", "{nid}"),
        .. OfEntities(
            "topics[*].subscriptions[*]", "the subscription '{outer}/{name}'", "azurerm_servicebus_subscription\" \"{oid}_{nid}\"",
            "subscription {outer}/{name}", "{outer}/Subscriptions/{name}", "{oid}_{nid}"),
        .. OfFilters(),
        .. OfEnvironment(),
    ];

    private static IEnumerable<(string Path, string Keda, string Az, string Terraform)> OfTheJob() =>
    [
        ("name", "\n  name: {v}\n", "--name {v} |\"name\": \"{v}\"", "azurerm_container_app_job\" \"{id}\""),
        ("cloud", "^# [^\n]* in the cloud {v}", "= AzureUSGovernment \\]", "provider \"azurerm\" {\n  environment = \"usgovernment\""),
        ("triggerType=schedule", "kind: CronJob", "--trigger-type Schedule", "schedule_trigger_config {"),
        ("triggerType=manual", "suspend: true", "--trigger-type Manual", "manual_trigger_config {"),
        ("schedule", "schedule: \"{v}\"\n  timeZone: Etc/UTC", "--cron-expression '{v}'", "cron_expression +=  *\"{v}\""),
        ("image", "image: \"[^\"]*{v}\"", "--image [^\n]*{v}|\"image\": \"[^\"]*{v}\"", "image +=  *\"[^\n]*{v}\""),
        ("command[*]", "command:\n( +- [^\n]*\n)*? +- \"{v}\"", "--command {v}", "command += \\[\"{v}\""),
        (
            "arguments[*]",
            "args:\n( +- [^\n]*\n)*? +- \"{v}\"",
            "--args [^\n]*{v}|\"args\": \\[[^\\]]*\"{v}\"",
            " args +=  *\\[[^\n]*\"{v}\""),
        ("arguments[*][*]", "args:\n( +- [^\n]*\n)*? +- \"{v}", "\"args\": \\[[^\\]]*\"{v}", " args +=  *\\[[^\n]*\"{v}"),
        (
            "arguments[*][*].parameter",
            "args:\n( +- [^\n]*\n)*? +- [^\n]*\\${{VAR}}",
            "\"args\": \\[[^\\]]*\\${{VAR}}",
            " args +=  *\\[[^\n]*\\${var\\.{id}}"),
        (
            "workloadProfile",
            "NOT INCLUDED: the workload profile '{v}'",
            "\"workloadProfileName\": \"{v}\"",
            "workload_profile_name += \"{v}\""),
        (
            "workloadProfileNodes.type",
            "the workload profile '\\w+' \\({v},",
            "the workload profile '\\w+' \\({v},",
            "workload_profile_type += \"{v}\""),
        (
            "workloadProfileNodes.minimumCount",
            "the workload profile '\\w+' \\(\\w+, {v} to ",
            "the workload profile '\\w+' \\(\\w+, {v} to ",
            "minimum_count += {v}\n"),
        (
            "workloadProfileNodes.maximumCount",
            "the workload profile '\\w+' \\(\\w+, \\d to {v} nodes",
            "the workload profile '\\w+' \\(\\w+, \\d to {v} nodes",
            "maximum_count += {v}\n"),
        ("resources.cpuCores", "cpu: \"{v}\"", "--cpu {v} |\"cpu\": {v},", "cpu += {v}\n"),
        ("resources.memoryGi", "memory: \"{v}Gi\"", "--memory {v}Gi |\"memory\": \"{v}Gi\"", "memory += \"{v}Gi\""),
        (
            "execution.replicaTimeoutSeconds",
            "activeDeadlineSeconds: {v}\n",
            "--replica-timeout {v} |\"replicaTimeout\": {v},",
            "replica_timeout_in_seconds += {v}\n"),
        (
            "execution.replicaRetryLimit",
            "backoffLimit(PerIndex)?: {v}\n",
            "--replica-retry-limit {v} |\"replicaRetryLimit\": {v},",
            "replica_retry_limit += {v}\n"),
        ("execution.parallelism", "parallelism: {v}\n", "--parallelism {v} |\"parallelism\": {v},", "parallelism += {v}\n"),
        (
            "execution.replicaCompletionCount",
            "(succeededCount|completions): {v}\n",
            "--replica-completion-count {v} |\"replicaCompletionCount\": {v},",
            "replica_completion_count += {v}\n"),
        ("scale.pollingIntervalSeconds", "pollingInterval: {v}\n", "\"pollingInterval\": {v},", "polling_interval_in_seconds += {v}\n"),
        ("scale.minExecutions", "minReplicaCount: {v}\n", "\"minExecutions\": {v},", "min_executions += {v}\n"),
        ("scale.maxExecutions", "maxReplicaCount: {v}\n", "\"maxExecutions\": {v},", "max_executions += {v}\n"),
        (
            "namespace.name",
            "NOT INCLUDED: the namespace '{v}'",
            "NOT INCLUDED: the namespace '{v}'",
            "data \"azurerm_servicebus_namespace\" \"{id}\""),
        (
            "namespace.existing.name.parameter",
            "which exists as {{v}}",
            "which exists as {{v}}",
            "data \"azurerm_servicebus_namespace\" \"\\w+\" {\n  name += var\\.{id}\n"),
        (
            "namespace.existing.resourceGroup.parameter",
            "in the resource group {{v}}",
            "in the resource group {{v}}",
            "data \"azurerm_servicebus_namespace\" \"\\w+\" {\n[^\n]*\n  resource_group_name += var\\.{id}\n"),
        ("identities[*].name", "\\${{VAR}_CLIENT_ID}", "\\${{VAR}_RESOURCE_ID}", "azurerm_user_assigned_identity\" \"{id}\""),
        (
            "identities[*].use=worker",
            "azure.workload.identity/client-id: \"\\${{NVAR}_CLIENT_ID}\"",
            "AZURE_CLIENT_ID(=|\",\n +\"value\": \")\\${{NVAR}_CLIENT_ID}",
            "name += \"AZURE_CLIENT_ID\"\n +value += azurerm_user_assigned_identity\\.{nid}\\.client_id"),
        (
            "identities[*].use=scaleRule",
            "identityId: \"\\${{NVAR}_CLIENT_ID}\"",
            "\"identity\": \"\\${{NVAR}_RESOURCE_ID}\",\n +\"lifecycle\": \"None\"",
            "{ identity = azurerm_user_assigned_identity\\.{nid}\\.id, lifecycle = \"None\" }"),
    ];

    private static IEnumerable<(string Path, string Keda, string Az, string Terraform)> OfRules()
    {
        foreach (var trigger in (string[])["trigger", "furtherTriggers[*]"])
        {
            if (trigger != "trigger")
            {
                yield return (
                    $"{trigger}.ruleName",
                    "\n      name: {v}\n",
                    "\"name\": \"{v}\",\n +\"type\": \"azure-servicebus\"",
                    "rules {\n +name += \"{v}\"");
            }

            foreach (var (field, key) in ((string, string)[])[
                ("queue", "queueName"), ("topic", "topicName"), ("subscription", "subscriptionName"), ("messageCount", "messageCount"),
                ("activationMessageCount", "activationMessageCount")])
            {
                yield return Metadata($"{trigger}.{field}", key);
            }

            yield return Identity($"{trigger}.identity");
        }

        yield return ("rules[*].name", "\n      name: {v}\n", "\"name\": \"{v}\",", "rules {\n +name += \"{v}\"");
        yield return (
            "rules[*].type",
            "- type: {v}\n      name: {name}\n",
            "\"name\": \"{name}\",\n +\"type\": \"{v}\"",
            "name += \"{name}\"\n +custom_rule_type += \"{v}\"");
        yield return Metadata("rules[*].metadata.*", "{key}");
        foreach (var kind in (string[])["parameter", "reference"])
        {
            yield return Metadata($"rules[*].metadata.*.{kind}", "{key}", "\\${{VAR}}", "\\$\\(json \"\\${{VAR}}\"\\)", "var\\.{id}\n");
        }

        yield return Identity("rules[*].identity");
        yield return (
            "rules[*].auth[*].triggerParameter", "parameter: {v}\n", "\"triggerParameter\": \"{v}\"", "trigger_parameter += \"{v}\"");
        yield return (
            "rules[*].auth[*].secretRef",
            "parameter: \\w+\n +name: {v}\n",
            "\"secretRef\": \"{v}\",\n +\"triggerParameter\"",
            "secret_name += \"{v}\"\n +trigger_parameter");
    }

    private static (string, string, string, string) Metadata(
        string path, string key, string keda = "{v}", string az = "{v}", string terraform = "{v}") =>
        (path,
            $"name: {{name}}\n +metadata:(\n {{8}}[^\n]*)*?\n {{8}}{key}: \"{keda}\"",
            $"\"name\": \"{{name}}\",\n +\"type\": \"[^\"]*\",\n +\"metadata\": {{{Body}\"{key}\": \"{az}\"",
            $"name += \"{{name}}\"\n +custom_rule_type[^{{]*metadata = {{[^}}]*{key} += \"?[^\n]*{terraform}");

    private static (string, string, string, string) Identity(string path) => (path,
        "name: {name}\n +metadata:(\n {8}[^\n]*)*\n +authenticationRef:\n +name: {v}\n",
        "\"name\": \"{name}\",\n +\"type\": \"[^\"]*\",\n +\"metadata\": {" + Body + "},\n +\"identity\": \"\\${{VAR}_RESOURCE_ID}\"",
        "name += \"{name}\"\n[^{]*identity_id += azurerm_user_assigned_identity\\.{id}\\.id");

    private static IEnumerable<(string Path, string Keda, string Az, string Terraform)> OfEntities(
        string path, string sentence, string address, string scope, string entityPath, string label)
    {
        var named = $"NOT INCLUDED: {sentence}";
        yield return ($"{path}.name", named, named, address);
        foreach (var field in (string[])["connectionName", "furtherConnectionNames[*]"])
        {
            yield return ($"{path}.{field}",
                $"name: ConnectionStrings__{{v}}\n +value: "
                + $"\"Endpoint=sb://\\${{SERVICEBUS_NAMESPACE}}\\.servicebus\\.usgovcloudapi\\.net/;EntityPath={entityPath}\"",
                $"ConnectionStrings__{{v}}(=|\",\n +\"value\": "
                + $"\")Endpoint=sb://\\${{SERVICEBUS_NAMESPACE}}\\.servicebus\\.usgovcloudapi\\.net/;EntityPath={entityPath}\"",
                $"\"ConnectionStrings__{{v}}\"\n +value = "
                + $"\"Endpoint=sb://\\${{data[^}}]*}}\\.servicebus\\.usgovcloudapi\\.net/;EntityPath={entityPath}\"");
        }

        foreach (var (access, role, verb) in ((string, string, string)[])[
            ("receive", "Receiver", "receives_from"), ("send", "Sender", "sends_to"),
        ])
        {
            var needed = $"needs the role Azure Service Bus Data {role} on {scope}\\.";
            yield return ($"{path}.access[*]={access}", needed, needed, $"_{verb}_{label}\"");
        }

        foreach (var (field, setting, isDuration) in ((string, string, bool)[])[
            ("lockDurationSeconds", "lock_duration", true), ("maxDeliveryCount", "max_delivery_count", false),
            ("defaultMessageTimeToLiveSeconds", "default_message_ttl", true),
            ("deadLetteringOnMessageExpiration", "dead_lettering_on_message_expiration", false),
            ("requiresDuplicateDetection", "requires_duplicate_detection", false),
            ("duplicateDetectionHistoryTimeWindowSeconds", "duplicate_detection_history_time_window", true),
            ("requiresSession", "requires_session", false)])
        {
            yield return ($"{path}.{field}", $"{named} \\([^)]*{field} {{v}}[,)]", $"{named} \\([^)]*{field} {{v}}[,)]",
                $"{address} {{[^}}]*{setting} += {(isDuration ? "\"{iso}\"" : "{v}")}\n");
        }

        foreach (var (field, setting) in ((string, string)[])[
            ("forwardTo", "forward_to"), ("forwardDeadLetteredMessagesTo", "forward_dead_lettered_messages_to"),
        ])
        {
            yield return ($"{path}.{field}", $"{named} \\([^)]*{field} {{v}}[,)]", $"{named} \\([^)]*{field} {{v}}[,)]",
                $"{address} {{[^}}]*{setting} += azurerm_servicebus_queue\\.{{id}}\\.name\n");
        }
    }

    private static IEnumerable<(string Path, string Keda, string Az, string Terraform)> OfFilters()
    {
        const string Path = "topics[*].subscriptions[*].rules[*]";
        const string Sentence = "NOT INCLUDED: the rule '{name}' of '{outermost}/{outer}'";
        const string Address = "azurerm_servicebus_subscription_rule\" \"{ooid}_{oid}_{nid}\" {";
        yield return ($"{Path}.name", Sentence, Sentence, Address);
        foreach (var (field, setting) in ((string, string)[])[
            ("subject", "label"), ("contentType", "content_type"), ("correlationId", "correlation_id"),
        ])
        {
            yield return (
                $"{Path}.correlationFilter.{field}", $"{Sentence} \\([^)]*{field} {{v}}[,)]", $"{Sentence} \\([^)]*{field} {{v}}[,)]",
                $"{Address}[^}}]*{setting} += \"{{v}}\"");
        }

        yield return (
            $"{Path}.correlationFilter.properties.*",
            $"{Sentence} \\([^)]*properties\\.{{key}} {{v}}[,)]",
            $"{Sentence} \\([^)]*properties\\.{{key}} {{v}}[,)]",
            $"{Address}[^}}]*properties = {{\n +{{key}} += \"{{v}}\"");
    }

    private static IEnumerable<(string Path, string Keda, string Az, string Terraform)> OfEnvironment()
    {
        const string Keda = "- name: {key}\n +value: \"";
        const string Az = "[ ']\"?{key}=|\"name\": \"{key}\",\n +\"value\": \"";
        const string Terraform = "name +=  *\"{key}\"\n +value += ";
        const string Host = "\\${SERVICEBUS_NAMESPACE}\\.servicebus\\.usgovcloudapi\\.net";
        const string HostInTerraform = "\\${data\\.azurerm_servicebus_namespace\\.shop\\.name}\\.servicebus\\.usgovcloudapi\\.net";
        return
        [
            ("environment.*", $"{Keda}{{json}}\"", $"({Az})({{here}}\"|{{v}})", $"{Terraform}\"{{json}}\""),
            ("environment.*.parameter", $"{Keda}\\${{{{VAR}}}}\"", $"({Az})\\$\\(json \"\\${{{{VAR}}}}\"\\)", $"{Terraform}var\\.{{id}}\n"),
            ("environment.*.reference", $"{Keda}\\${{{{VAR}}}}\"", $"({Az})\\$\\(json \"\\${{{{VAR}}}}\"\\)", $"{Terraform}var\\.{{id}}\n"),
            ("environment.*.reference~serviceBusHostName", $"{Keda}{Host}\"", $"({Az}){Host}\"", $"{Terraform}\"{HostInTerraform}\""),
            (
                "environment.*.reference~serviceBusEndpoint",
                $"{Keda}https://{Host}:443/\"",
                $"({Az})https://{Host}:443/\"",
                $"{Terraform}\"https://{HostInTerraform}:443/\""),
            ("environment.*.secret",
                "- name: {key}\n +valueFrom:\n +secretKeyRef:\n +name: {secret}\n",
                "\"name\": \"{secret}\",\n +\"value\": \"\\$\\(json \"\\${{VAR}}\"\\)\"[\\s\\S]*\"name\": \"{key}\",\n "
                + "+\"secretRef\": \"{secret}\"",
                "\"{key}\"\n +secret_name = \"{secret}\"[\\s\\S]*name  = \"{secret}\"\n +value = var\\.secret_{id}\n"),
        ];
    }
}
