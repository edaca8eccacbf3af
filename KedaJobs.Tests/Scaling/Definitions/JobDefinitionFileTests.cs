using System.Text;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Scaling.Json;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Scaling.Definitions;

public class JobDefinitionFileTests
{
    private const string Minimal =
        """
        {
          "schemaVersion": 1,
          "name": "worker",
          "trigger": { "queue": "jobs", "identity": "scaler" },
          "namespace": { "name": "messaging" },
          "queues": [{ "name": "jobs" }],
          "identities": [{ "name": "scaler", "use": "scaleRule" }]
        }
        """;

    [Fact]
    public void Written_is_read_back_as_it_was()
    {
        foreach (var definition in Samples.All)
        {
            var text = JobDefinitionFile.Write(definition);
            Assert.Equal(text, JobDefinitionFile.Write(Read(text)));
        }
    }

    [Fact]
    public void Written_is_readable_and_holds_every_unit()
    {
        var text = JobDefinitionFile.Write(Samples.Everything);

        Assert.Contains("\"Greeting\": \"it's \\\"dear\\\" $USER, 100 % & more\"", text, StringComparison.Ordinal);
        Assert.Contains("\"duplicateDetectionHistoryTimeWindowSeconds\": 30.5", text, StringComparison.Ordinal);
        Assert.Contains("\"access\": [\n            \"receive\"\n          ]", text, StringComparison.Ordinal);
        Assert.DoesNotContain("null", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_left_out_gets_the_defaults_of_container_apps_and_KEDA()
    {
        var definition = Read(Minimal);

        Assert.Equal(
            (new ResourcesDefinition(0.5m, 1), new ExecutionDefinition(1800, 0, 1, 1), new ScaleDefinition(30, 0, 100), 5, 0),
            (
                definition.Resources,
                definition.Execution,
                definition.Scale,
                definition.Trigger!.MessageCount,
                definition.Trigger.ActivationMessageCount));
        Assert.Empty(definition.Rules);
        Assert.Empty(definition.Environment);
    }

    /// <summary>What to replace in <see cref="Minimal"/>, by what, and what is said of it.</summary>
    public static TheoryData<string, string, string> Wrong => new()
    {
        {
            "\"schemaVersion\": 1",
            "\"schemaVersion\": 2",
            "line 2, schemaVersion: is 2, and only 1 can be read: write the definition and read it with the same version of KedaJobs"
        },
        { "\"schemaVersion\": 1,", "", "line 8, schemaVersion: is missing" },
        {
            "\"name\": \"worker\"",
            "\"name\": \"Worker\"",
            "line 3, name: must be at most 31 lowercase letters, digits and single '-', starting with a letter and ending with a "
            + "letter or digit"
        },
        {
            "\"name\": \"worker\"",
            "\"name\": \"wor--ker\"",
            "line 3, name: must be at most 31 lowercase letters, digits and single '-', starting with a letter and ending with a "
            + "letter or digit"
        },
        { "\"name\": \"worker\"", "\"name\": null", "line 3, name: must be a string" },
        { "\"name\": \"worker\"", "\"nam\": \"worker\"", "line 3, nam: there is no field 'nam'" },
        {
            "\"name\": \"worker\",",
            "\"name\": \"worker\", \"scale\": { \"pollingIntervalSeconds\": 0 },",
            "line 3, scale.pollingIntervalSeconds: is 0 and must be at least 1"
        },
        {
            "\"name\": \"worker\",",
            "\"name\": \"worker\", \"scale\": { \"pollingIntervalSeconds\": \"30s\" },",
            "line 3, scale.pollingIntervalSeconds: must be a whole number, and not too large"
        },
        {
            "\"name\": \"worker\",",
            "\"name\": \"worker\", \"scale\": { \"minExecutions\": 5, \"maxExecutions\": 4 },",
            "line 3, scale.minExecutions: is above maxExecutions (4)"
        },
        {
            "\"name\": \"worker\",",
            "\"name\": \"worker\", \"execution\": { \"replicaCompletionCount\": 2 },",
            "line 3, execution.replicaCompletionCount: is above parallelism (1): no execution could succeed"
        },
        {
            "\"name\": \"worker\",",
            "\"name\": \"worker\", \"furtherTriggers\": [{ \"ruleName\": \"worker\", \"queue\": \"jobs\", \"connectionSecret\": \"s\" }],",
            "line 3, furtherTriggers[0].ruleName: 'worker' appears twice"
        },
        {
            "\"name\": \"worker\",",
            "\"name\": \"worker\", \"furtherTriggers\": [{ \"ruleName\": \"more\", \"queue\": \"nowhere\", \"connectionSecret\": \"s\" }],",
            "line 3, furtherTriggers[0].queue: there is no 'nowhere' among the queues"
        },
        {
            "\"name\": \"worker\",",
            "\"name\": \"worker\", \"furtherTriggers\": [{ \"ruleName\": \"more\", \"messageCount\": 0, \"queue\": \"jobs\", "
            + "\"connectionSecret\": \"s\" }],",
            "line 3, furtherTriggers[0].messageCount: is 0 and must be at least 1"
        },
        {
            "\"name\": \"worker\",",
            "\"name\": \"worker\", \"furtherTriggers\": [{ \"messageCount\": 7, \"queue\": \"jobs\", \"connectionSecret\": \"s\" }],",
            "line 3, furtherTriggers[0].ruleName: is missing: only the first trigger's rule is named after the job"
        },
        {
            "\"name\": \"worker\",",
            "\"name\": \"worker\", \"resources\": { \"cpuCores\": 0 },",
            "line 3, resources.cpuCores: is 0 and must be above 0"
        },
        { "\"queue\": \"jobs\", ", "", "line 4, trigger: must name a queue, or a topic with its subscription" },
        {
            "\"queue\": \"jobs\", ",
            "\"queue\": \"jobs\", \"topic\": \"a\", \"subscription\": \"b\", ",
            "line 4, trigger: must name a queue, or a topic with its subscription"
        },
        { "\"queue\": \"jobs\", ", "\"topic\": \"a\", ", "line 4, trigger: must name a queue, or a topic with its subscription" },
        {
            "\"queue\": \"jobs\", ",
            "\"topic\": \"a\", \"subscription\": \"b\", ",
            "line 4, trigger.topic: there is no 'a' with the subscription 'b' among the topics"
        },
        { "\"queue\": \"jobs\"", "\"queue\": \"job\"", "line 4, trigger.queue: there is no 'job' among the queues" },
        { "\"queue\": \"jobs\"", "\"queue\": \"jobs\", \"messageCount\": 0", "line 4, trigger.messageCount: is 0 and must be at least 1" },
        {
            ", \"identity\": \"scaler\"",
            "",
            "line 4, trigger: must name an identity, or the secret that holds a connection string (connectionSecret)"
        },
        { ", \"identity\": \"scaler\"", ", \"identity\": \"other\"", "line 4, trigger.identity: there is no 'other' among the identities" },
        { "[{ \"name\": \"jobs\" }]", "[{ \"name\": \"jobs\" },\n{ \"name\": \"JOBS\" }]", "line 7, queues[1].name: 'JOBS' appears twice" },
        {
            "[{ \"name\": \"jobs\" }]",
            "[{ \"name\": \"jobs\", \"access\": [\"listen\"] }]",
            "line 6, queues[0].access[0]: must be one of receive, send"
        },
        {
            "[{ \"name\": \"jobs\" }]",
            "[{ \"name\": \"jobs\", \"access\": [0] }]",
            "line 6, queues[0].access[0]: must be one of receive, send"
        },
        {
            "[{ \"name\": \"jobs\" }]",
            "[{ \"name\": \"jobs\", \"lockDurationSeconds\": 0 }]",
            "line 6, queues[0].lockDurationSeconds: is 0 and must be above 0"
        },
        { "[{ \"name\": \"jobs\" }]", "{}", "line 6, queues: must be an array" },
        { "\"use\": \"scaleRule\"", "\"use\": \"scaler\"", "line 7, identities[0].use: must be one of worker, scaleRule" },
        {
            "\"name\": \"scaler\"",
            "\"name\": \"system\"",
            "line 7, identities[0].name: must be letters, digits, '-' and '_', starting with a letter or digit, and not 'system'"
        },
        {
            "\"name\": \"messaging\"",
            "\"name\": \"\"",
            "line 5, namespace.name: must be letters, digits, '-' and '_', starting with a letter or digit"
        },
        {
            "[{ \"name\": \"jobs\" }]",
            "[{ \"name\": \"jo\\nbs\" }]",
            "line 6, queues[0].name: must be letters, digits, '.', '-', '_' and '/', starting and ending with a letter or digit"
        },
        {
            "\"identity\": \"scaler\"",
            "\"connectionSecret\": \"A B\"",
            "line 4, trigger.connectionSecret: must be a secret's name: lowercase letters, digits, '.' and '-', "
            + "starting and ending with a letter or digit"
        },
        {
            "\"queues\"",
            "\"rules\": [{ \"name\": \"a b\", \"type\": \"cron\" }], \"queues\"",
            "line 6, rules[0].name: must be letters, digits, '-' and '_', starting with a letter or digit"
        },
        {
            "\"queues\"",
            "\"rules\": [{ \"name\": \"worker\", \"type\": \"cron\" }], \"queues\"",
            "line 6, rules[0].name: 'worker' appears twice (the triggers' rules count)"
        },
        {
            "\"queues\"",
            "\"rules\": [{ \"name\": \"a\", \"type\": \"cron\", \"metadata\": { \"desiredReplicas\": 1 } }], \"queues\"",
            "line 6, rules[0].metadata.desiredReplicas: must be text, a reference ({\"parameter\": NAME}, "
            + "{\"secret\": NAME} or {\"reference\": EXPRESSION}), or a list of these"
        },
        {
            "\"queues\"",
            "\"rules\": [{ \"name\": \"a\", \"type\": \"cron\", \"identity\": \"me\" }], \"queues\"",
            "line 6, rules[0].identity: there is no 'me' among the identities"
        },
        {
            "\"queues\"",
            "\"topics\": [{ \"name\": \"t\", \"access\": [\"receive\"] }], \"queues\"",
            "line 6, topics[0].access: must not be receive: messages are received from a subscription"
        },
        {
            "\"queues\"",
            "\"environment\": { \"A\": 1 }, \"queues\"",
            "line 6, environment.A: must be text, a reference ({\"parameter\": NAME}, {\"secret\": NAME} or {\"reference\": EXPRESSION}), "
            + "or a list of these"
        },
        {
            "\"queues\"",
            "\"environment\": { \"A\": { \"password\": \"x\" } }, \"queues\"",
            "line 6, environment.A: must be text, a reference ({\"parameter\": NAME}, {\"secret\": NAME} or {\"reference\": EXPRESSION}), "
            + "or a list of these"
        },
        {
            "\"queues\"",
            "\"environment\": { \"A B\": \"x\" }, \"queues\"",
            "line 6, environment.A B: must be letters, digits, '-', '.' and '_': it becomes the name of an environment variable"
        },
        {
            "\"queues\"",
            "\"environment\": { \"A\": { \"reference\": \"{x}\" } }, \"queues\"",
            "line 6, environment.A: has the reference '{x}', which must be letters, digits, '-', '.' and '_', "
            + "for instance store.outputs.name"
        },
        { "\"queues\"", "\"environment\": { \"API_KEY\": { \"secret\": \"a\" },\n\"Api_Key\": { \"secret\": \"b\" } }, \"queues\"",
            "line 7, environment.Api_Key: is stored as the secret 'api-key', and so is environment.API_KEY, which has another value: "
            + "rename the environment variable, or the rule's secret" },
        {
            "\"queues\"",
            "\"environment\": { \"_KEY\": { \"secret\": \"a\" } }, \"queues\"",
            "line 6, environment._KEY: is stored as the secret '-key', which must be a secret's name: "
            + "lowercase letters, digits, '.' and '-', starting and ending with a letter or digit: rename the variable"
        },
        {
            "\"queues\"",
            "\"rules\": [{ \"name\": \"a\", \"type\": \"x\", \"metadata\": { \"m\": { \"secret\": \"s\" } } }], \"queues\"",
            "line 6, rules[0].metadata.m: must not hold a secret: it is not stored as one"
        },
        {
            "\"name\": \"worker\",",
            "\"name\": \"worker\", \"cloud\": \"moon\",",
            "line 3, cloud: must be one of public, usGovernment, china"
        },
        {
            "\"name\": \"worker\",",
            "\"name\": \"worker\", \"triggerType\": \"manual\",",
            "line 4, trigger: must be left out: triggerType is manual, and only an event job has it"
        },
        {
            "\"trigger\": { \"queue\": \"jobs\", \"identity\": \"scaler\" },",
            "\"triggerType\": \"schedule\",",
            "line 1, schedule: is missing: write a cron expression with five fields, in UTC"
        },
        {
            "\"trigger\": { \"queue\": \"jobs\", \"identity\": \"scaler\" },",
            "\"triggerType\": \"schedule\", \"schedule\": \"0 3 * *\",",
            "line 4, schedule: has 4 fields; a schedule has five: minute, hour, day of month, month, day of week; "
            + "times are UTC, for instance 0 3 * * * (every night at three)"
        },
        {
            "\"trigger\": { \"queue\": \"jobs\", \"identity\": \"scaler\" },",
            "\"triggerType\": \"manual\", \"scale\": {},",
            "line 4, scale: must be left out: triggerType is manual, and only an event job has it"
        },
        {
            "\"name\": \"worker\",",
            "\"name\": \"worker\", \"schedule\": \"0 3 * * *\",",
            "line 3, schedule: must be left out, or triggerType must be schedule"
        },
        {
            "\"trigger\": { \"queue\": \"jobs\", \"identity\": \"scaler\" },",
            "",
            "line 1, trigger: is missing: name the queue or subscription that starts executions (or set triggerType to schedule or manual)"
        },
        {
            "\"namespace\": { \"name\": \"messaging\" },",
            "",
            "line 1, namespace: is missing: name the Service Bus namespace of the queues and topics"
        },
        {
            "[{ \"name\": \"jobs\" }]",
            "[{ \"name\": \"jobs\", \"forwardTo\": \"nowhere\" }]",
            "line 6, queues[0].forwardTo: there is no 'nowhere' among the queues and topics: "
            + "add it, or Service Bus rejects the forwarding"
        },
        { "[{ \"name\": \"jobs\" }]", "[{ \"name\": \"jobs\", \"forwardTo\": \"attic\" }, { \"name\": \"attic\", "
            + "\"forwardDeadLetteredMessagesTo\": \"JOBS\" }]",
            "line 6, queues[0].forwardTo: leads in a circle back to 'jobs': Service Bus can't create any of these queues, "
            + "because a target must exist first" },
        {
            "[{ \"name\": \"jobs\" }]",
            "[{ \"name\": \"jobs\", \"forwardTo\": \"Jobs\" }]",
            "line 6, queues[0].forwardTo: is the queue itself: name another queue or topic"
        },
        {
            "[{ \"name\": \"jobs\" }]",
            "[{ \"name\": \"jobs\", \"connectionName\": \"a\", \"furtherConnectionNames\": [\"a\"] }]",
            "line 6, queues[0].furtherConnectionNames[0]: appears twice: ConnectionStrings__a is the variable of another connection, "
            + "or is set in environment"
        },
        {
            "\"queues\"",
            "\"topics\": [{ \"name\": \"t\", \"subscriptions\": [{ \"name\": \"s\", \"rules\": [] }] }], \"queues\"",
            "line 6, topics[0].subscriptions[0].rules: must not be empty: "
            + "without any rule a subscription gets no message (leave it out for all messages)"
        },
        {
            "\"queues\"",
            "\"topics\": [{ \"name\": \"t\", \"subscriptions\": [{ \"name\": \"s\", \"rules\": [{ \"name\": \"r\" }] }] }], \"queues\"",
            "line 6, topics[0].subscriptions[0].rules[0]: must have a correlationFilter or a sqlFilter"
        },
        { "\"queues\"", "\"topics\": [{ \"name\": \"t\", \"subscriptions\": [{ \"name\": \"s\", \"rules\": [{ \"name\": \"r\", "
            + "\"correlationFilter\": {} }] }] }], \"queues\"",
            "line 6, topics[0].subscriptions[0].rules[0].correlationFilter: must compare something: "
            + "Service Bus rejects an empty one (for all messages, write \"sqlFilter\": \"1=1\")" },
        {
            "\"queues\"",
            "\"topics\": [{ \"name\": \"t\", \"subscriptions\": [{ \"name\": \"s\" }, { \"name\": \"S\" }] }], \"queues\"",
            "line 6, topics[0].subscriptions[1].name: 'S' appears twice"
        },
        { Minimal, "not", "line 1: is not JSON: 'not' is an invalid JSON literal. Expected the literal 'null'." },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Wrong_definition_is_refused_with_field_line_and_cure(string replaced, string by, string message)
    {
        Assert.Contains(replaced, Minimal, StringComparison.Ordinal);

        var error = Assert.Throws<JsonInputException>(() => Read(Minimal.Replace(replaced, by, StringComparison.Ordinal)));

        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void Documented_example_is_what_is_written()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "job-definition.md"));

        Assert.Contains($"```json\n{JobDefinitionFile.Write(Samples.Worker)}```", page, StringComparison.Ordinal);
    }

    private static JobDefinition Read(string text) => JobDefinitionFile.Read(Encoding.UTF8.GetBytes(text));
}
