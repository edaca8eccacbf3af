using System.Text.Json.Nodes;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Publishing;

/// <summary>What an AppHost declares that declares everything, fact by fact, in the modules that the compiler makes of it.</summary>
public class EverythingInBicepTests(EverythingDeclared everything) : IClassFixture<EverythingDeclared>
{
    /// <summary>
    /// The module, where in its resource (by type and, where there are several, the end of its name), and what stands there.
    /// </summary>
    public static TheoryData<string, string, string, string> Facts => new()
    {
        {
            "shop",
            "queues 'shop-jobs'",
            "properties",
            """{"forwardDeadLetteredMessagesTo":"shop-attic","lockDuration":"PT1M","maxDeliveryCount":5}"""
        },
        { "shop", "queues 'shop-intake'", "properties", """{"forwardTo":"shop-jobs"}""" },
        { "shop", "queues 'shop-attic'", "properties", """{"deadLetteringOnMessageExpiration":true,"defaultMessageTimeToLive":"P14D"}""" },
        {
            "shop",
            "queues 'shop-results'",
            "properties",
            """{"duplicateDetectionHistoryTimeWindow":"PT20M","requiresDuplicateDetection":true}"""
        },
        { "shop", "topics 'shop.events'", "properties/defaultMessageTimeToLive", "\"P1D\"" },
        { "shop", "subscriptions 'for-refunds'", "properties/maxDeliveryCount", "3" },
        { "shop", "subscriptions 'for-jobs'", "properties/forwardTo", "\"shop-jobs\"" },
        {
            "shop",
            "rules 'large'",
            "properties",
            """{"correlationFilter":{"properties":{"size":"large"},"label":"refund","contentType":"application/json"},"""
                + """ "filterType":"CorrelationFilter"}"""
        },
        { "shop", "rules 'manual'", "properties/correlationFilter", """{"correlationId":"manual"}""" },
        { "shop", "rules 'placed'", "properties/correlationFilter", """{"label":"order-placed"}""" },
        {
            "env",
            "managedEnvironments",
            "properties/workloadProfiles/1",
            """{"name":"heavy","workloadProfileType":"D4","minimumCount":0,"maximumCount":3}"""
        },
        { "worker-containerapp", "jobs", "properties/workloadProfileName", "\"heavy\"" },
        { "worker-containerapp", "jobs", "properties/configuration/triggerType", "\"Event\"" },
        { "worker-containerapp", "jobs", "properties/configuration/replicaTimeout", "1200" },
        { "worker-containerapp", "jobs", "properties/configuration/replicaRetryLimit", "3" },
        { "worker-containerapp", "jobs", "properties/configuration/eventTriggerConfig/parallelism", "4" },
        { "worker-containerapp", "jobs", "properties/configuration/eventTriggerConfig/replicaCompletionCount", "2" },
        { "worker-containerapp", "jobs", "properties/configuration/eventTriggerConfig/scale/pollingInterval", "45" },
        { "worker-containerapp", "jobs", "properties/configuration/eventTriggerConfig/scale/minExecutions", "1" },
        { "worker-containerapp", "jobs", "properties/configuration/eventTriggerConfig/scale/maxExecutions", "9" },
        {
            "worker-containerapp",
            "jobs",
            "properties/configuration/eventTriggerConfig/scale/rules/0/metadata",
            """{"queueName":"shop-jobs","namespace":"[parameters('shop_outputs_name')]","cloud":"""
                + """ "AzureUSGovernmentCloud","messageCount":"7","activationMessageCount":"2"}"""
        },
        { "worker-containerapp", "jobs", "properties/configuration/eventTriggerConfig/scale/rules/1/metadata/messageCount", "\"1\"" },
        { "worker-containerapp", "jobs", "properties/configuration/eventTriggerConfig/scale/rules/2/name", "\"refunds-in\"" },
        {
            "worker-containerapp",
            "jobs",
            "properties/configuration/eventTriggerConfig/scale/rules/2/metadata/subscriptionName",
            "\"for-refunds\""
        },
        { "worker-containerapp", "jobs", "properties/configuration/eventTriggerConfig/scale/rules/3/type", "\"cron\"" },
        {
            "worker-containerapp",
            "jobs",
            "properties/configuration/eventTriggerConfig/scale/rules/4/identity",
            "\"[parameters('store_reader_outputs_id')]\""
        },
        {
            "worker-containerapp",
            "jobs",
            "properties/configuration/eventTriggerConfig/scale/rules/5/auth",
            """[{"secretRef":"api-key-scaler","triggerParameter":"host"}]"""
        },
        {
            "worker-containerapp",
            "jobs",
            "properties/configuration/eventTriggerConfig/scale/rules/6/metadata",
            """{"blobContainerName":"archive","cloud":"AzureUSGovernmentCloud","accountName":"""
                + """ "[parameters('files_outputs_name')]","blobCount":"[parameters('archive_batch')]"}"""
        },
        {
            "worker-containerapp",
            "jobs",
            "properties/configuration/secrets/1",
            """{"name":"api-key","value":"[parameters('api_token_value')]"}"""
        },
        { "worker-containerapp", "jobs", "properties/template/containers/0/resources", """{"cpu":"[json('2')]","memory":"4Gi"}""" },
        {
            "worker-containerapp",
            "jobs",
            "properties/template/containers/0/args",
            """["--fast","two words","[format('--team={0}', parameters('squad_value'))]"]"""
        },
        {
            "worker-containerapp",
            "jobs",
            "properties/template/containers/0/env/ConnectionStrings__orders-in",
            "\"[format('Endpoint={0};EntityPath=shop-jobs', parameters('shop_outputs_servicebusendpoint'))]\""
        },
        {
            "worker-containerapp",
            "jobs",
            "properties/template/containers/0/env/GREETING",
            "\"it's \\\"dear\\\" $USER, secretref:nobody, 100 %\""
        },
        { "report-containerapp", "jobs", "properties/configuration/scheduleTriggerConfig/cronExpression", "\"30 4 1 * *\"" },
        { "report-containerapp", "jobs", "properties/template/containers/0/command", """["/bin/report"]""" },
        { "report-containerapp", "jobs", "properties/template/containers/0/image", "\"ghcr.io/shop/report:2.1\"" },
        {
            "migrate-containerapp",
            "jobs",
            "properties/configuration/manualTriggerConfig",
            """{"replicaCompletionCount":1,"parallelism":2}"""
        },
        { "migrate-containerapp", "jobs", "properties/template/containers/0/args", """["up"]""" },
    };

    [BicepTheory]
    [MemberData(nameof(Facts))]
    public async Task Fact_is_in_its_module(string module, string resource, string path, string expected)
    {
        var templates = await everything.TemplatesAsync();
        var words = resource.Split(' ');
        JsonNode? node = ArmJson.Resources(templates[$"{module}.module"]).Single(candidate =>
            ((string)candidate["type"]!).EndsWith($"/{words[0]}", StringComparison.Ordinal)
            && (words.Length == 1 || ((string)candidate["name"]!).Contains($", {words[1]})", StringComparison.Ordinal)));
        foreach (var step in path.Split('/'))
        {
            node = node switch
            {
                JsonArray list when int.TryParse(step, System.Globalization.CultureInfo.InvariantCulture, out var index) => list[index],
                JsonArray list => list.Single(item => (string?)item!["name"] == step)!["value"],
                _ => node?[step],
            };
        }

        ArmJson.AssertSame(expected, node);
    }
}
