using KedaJobs.Hosting.Checks;
using KedaJobs.Scaling.Definitions;
using static KedaJobs.Tests.Hosting.Checks.CheckedModels;

namespace KedaJobs.Tests.Hosting.Checks;

/// <summary>Scale rules beyond the triggers: what KEDA would refuse, ignore or look for in the wrong place.</summary>
public class ScaleRuleChecksTests
{
    public static TheoryData<string, object> WrongRules => new()
    {
        { "KJ022 worker: a scale rule has no name", Rule() with { Name = "" } },
        { "KJ022 worker: the scale rule name 'a b' is invalid", Rule() with { Name = "a b" } },
        { "KJ022 worker: the scale rule name 'worker' is used twice", Rule() with { Name = "worker" } },
        { "KJ020 worker: scale rule 'more': it has no type", Rule() with { Type = "" } },
        { "KJ020 worker: scale rule 'more': it names a queue and a topic", Rule(("topicName", "t"), ("subscriptionName", "s")) },
        { "KJ020 worker: scale rule 'more': it does not say what to count", Rule(("queueName", ""), ("topicName", "t")) },
        { "KJ020 worker: scale rule 'more': it uses an identity, but names no namespace", Rule(("namespace", "")) },
        { "KJ020 worker: scale rule 'more': it has neither an identity nor a connection", Rule() with { HasIdentity = false } },
        { "KJ020 worker: scale rule 'more': messageCount is 'five'", Rule(("messageCount", "five")) },
        { "KJ020 worker: scale rule 'more': messageCount is '0'", Rule(("messageCount", "0")) },
        { "KJ020 worker: scale rule 'more': activationMessageCount is '-1'", Rule(("activationMessageCount", "-1")) },
        { "KJ020 worker: scale rule 'more': useRegex is 'yes'", Rule(("useRegex", "yes")) },
        {
            "KJ020 worker: scale rule 'more': desiredReplicas is missing.",
            new CheckedScaleRule(
                "more", "cron", new Dictionary<string, string> { ["timezone"] = "Etc/UTC", ["start"] = "0 8 * * *", ["end"] = "0 9 * * *" })
        },
        { "KJ020 worker: scale rule 'more': operation is 'median'", Rule(("operation", "median")) },
    };

    [Theory]
    [MemberData(nameof(WrongRules))]
    public void Wrong_scale_rule_is_named_with_its_cure(string expected, object rule) =>
        AssertOnly(expected, [
            .. Run(Job() with { FurtherRules = [(CheckedScaleRule)rule] }).Where(finding => finding.Code.Severity == CheckSeverity.Error)
        ]);

    [Fact]
    public void Sound_scale_rules_are_taken_and_those_that_are_not_read_here_say_so()
    {
        var findings = Run(Job() with
        {
            FurtherRules =
            [
                Rule(("queueName", "other")),
                Rule(("queueName", "another")) with { Name = "by-secret", HasIdentity = false, SecretParameters = ["connection"] },
                new("known-by-name", "datadog", new Dictionary<string, string> { ["anything"] = "goes" }),
                new("files", "azure-queue", new Dictionary<string, string> { ["queueName"] = "files" })
                {
                    References = ["accountName"],
                    HasIdentity = true,
                },
                new("day", "cron", new Dictionary<string, string>
                {
                    ["timezone"] = "Etc/UTC",
                    ["start"] = "0 8 * * *",
                    ["end"] = "0 9 * * *",
                    ["desiredReplicas"] = "1",
                }),
            ],
        });

        Assert.Equal(
            [
                "KJ025 worker: scale rule 'more' of type", "KJ025 worker: scale rule 'by-secret' of",
                "KJ025 worker: scale rule 'known-by-name", "KJ025 worker: scale rule 'files' of typ",
            ],
            findings.Select(finding => finding.ToString()[..39]));
    }

    public static TheoryData<string, string, string, string?> Metadata => new()
    {
        // type, name, value, what is found of it
        {
            "azure-servicebus", "messageCout", "9",
            "KJ020 worker: scale rule 'more': the scaler 'azure-servicebus' has no metadata 'messageCout'; it has 'messageCount'."
        },
        {
            "azure-servicebus", "mesageCuont", "9",
            "KJ020 worker: scale rule 'more': the scaler 'azure-servicebus' has no metadata 'mesageCuont'; it has 'messageCount'."
        },
        {
            "azure-servicebus",
            "CLOUD",
            "Private",
            "KJ020 worker: scale rule 'more': the scaler 'azure-servicebus' has no metadata 'CLOUD'; it has 'cloud'."
        },
        {
            "azure-servicebus", "queueLength", "9",
            "KJ036 worker: scale rule 'more': the scaler 'azure-servicebus' is not known to have metadata 'queueLength'"
        },
        { "azure-servicebus", "cloud", "azureusgovernmentcloud", null },
        { "azure-servicebus", "cloud", "AzureGermanCloud", null },
        { "azure-servicebus", "cloud", "Azure", "KJ020 worker: scale rule 'more': cloud is 'Azure'." },
        {
            "azure-servicebus",
            "namespace",
            "sb://contoso.servicebus.windows.net/",
            "KJ020 worker: scale rule 'more': namespace is 'sb://contoso.servicebus.windows.net/', which is an address"
        },
        { "azure-servicebus", "namespace", "contoso-2", null },
        {
            "azure-queue", "queueLenght", "9",
            "KJ020 worker: scale rule 'more': the scaler 'azure-queue' has no metadata 'queueLenght'; it has 'queueLength'."
        },
        {
            "azure-queue",
            "accountName",
            "store.queue.core.windows.net",
            "KJ020 worker: scale rule 'more': accountName is 'store.queue.core.windows.net', which is an address"
        },
        {
            "azure-blob", "blobCont", "9",
            "KJ020 worker: scale rule 'more': the scaler 'azure-blob' has no metadata 'blobCont'; it has 'blobCount'."
        },
        {
            "azure-eventhub",
            "eventHubNameSpace",
            "hubs",
            "KJ020 worker: scale rule 'more': the scaler 'azure-eventhub' has no metadata 'eventHubNameSpace'; it has 'eventHubNamespace'."
        },
        {
            "azure-eventhub",
            "cloud",
            "Private",
            "KJ020 worker: scale rule 'more': cloud is 'Private', and storageEndpointSuffix is missing."
        },
        {
            "azure-log-analytics",
            "cloud",
            "private",
            "KJ020 worker: scale rule 'more': cloud is 'private', and logAnalyticsResourceURL is missing."
        },
        {
            "rabbitmq", "vhostname", "v",
            "KJ020 worker: scale rule 'more': the scaler 'rabbitmq' has no metadata 'vhostname'; it has 'vhostName'."
        },
        { "rabbitmq", "hostFromEnv", "RABBIT", null },
        {
            "kafka", "lagTreshold", "9",
            "KJ020 worker: scale rule 'more': the scaler 'kafka' has no metadata 'lagTreshold'; it has 'lagThreshold'."
        },
        { "prometheus", "authModes", "bearer", null },
        { "external", "whatever", "goes", null },
        { "rabitmq", "queueName", "post", "KJ020 worker: scale rule 'more': its type is 'rabitmq'; KEDA has 'rabbitmq'." },
        { "HTTP", "concurrentRequests", "5", "KJ020 worker: scale rule 'more': its type is 'HTTP', which counts requests" },
        { "our-own", "a", "b", "KJ036 worker: scale rule 'more': its type 'our-own' is not a known KEDA scaler" },
    };

    [Theory]
    [MemberData(nameof(Metadata))]
    public void Metadata_that_KEDA_does_not_have_is_found(string type, string name, string value, string? expected)
    {
        var metadata = new Dictionary<string, string> { [name] = value };
        if (type == "azure-servicebus")
        {
            metadata.TryAdd("queueName", "other");
            metadata.TryAdd("namespace", "contoso");
        }

        var findings = Run(Job() with { FurtherRules = [new("more", type, metadata) { HasIdentity = true }] });

        AssertAnyOrNone(expected, [.. findings.Where(finding => finding.Code != CheckCode.RuleInAzureOnly)]);
    }

    [Fact]
    public void Rule_of_a_job_in_another_cloud_names_the_cloud()
    {
        CheckedJob Rules(params CheckedScaleRule[] rules) => Job(new() { Cloud = AzureCloud.China }) with { FurtherRules = rules };
        CheckedScaleRule Files(string? cloud) =>
            new("files", "azure-queue", cloud is null ? new Dictionary<string, string>() : new() { ["cloud"] = cloud })
            {
                HasIdentity = true,
            };

        AssertOnly("KJ042 worker: scale rule 'files' names no cloud, so it uses the public cloud, but the job is published to China.",
            [.. Run(Rules(Files(null))).Where(finding => finding.Code != CheckCode.RuleInAzureOnly)]);
        Assert.DoesNotContain(
            Run(Rules(Files("AzurePublicCloud"), new("post", "rabbitmq", new Dictionary<string, string>()))),
            finding => finding.Code == CheckCode.PublicCloud);
        Assert.DoesNotContain(Run(Job() with { FurtherRules = [Files(null)] }), finding => finding.Code == CheckCode.PublicCloud);
    }

    [Fact]
    public void Suggestion_is_never_a_name_that_the_rule_has_already() => AssertOnly(
        "KJ036 worker: scale rule 'more': the scaler 'azure-servicebus' is not known to have metadata 'messageCounts'",
        [.. Run(Job() with { FurtherRules = [Rule(("queueName", "other"), ("messageCounts", "9"))] })
            .Where(finding => finding.Code != CheckCode.RuleInAzureOnly)]);

    [Fact]
    public void Metadata_known_at_deployment_is_there()
    {
        var rule = new CheckedScaleRule("more", "azure-servicebus", new Dictionary<string, string>())
        {
            HasIdentity = true,
            References = ["queueName", "namespace"],
        };

        Assert.Equal(["KJ025"], Run(Job() with { FurtherRules = [rule] }).Select(finding => finding.Code.Id));
        AssertOnly("KJ025 worker: scale rule 'night' is not evaluated on this machine: timezone is known only at deployment.",
            Run(Job() with
            {
                FurtherRules =
                [
                    new("night", "cron", new Dictionary<string, string> { ["start"] = "0 8 * * *" }) { References = ["timezone"] },
                ],
            }));
    }

    [Fact]
    public void Every_scaler_of_the_table_is_a_known_type() =>
        Assert.All(ScalerMetadata.Types, type => Assert.True(ScalerMetadata.IsType(type)));
}
