using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Tests.Support;
using NJsonSchema;

namespace KedaJobs.Tests.Scaling.Definitions;

/// <summary>docs/job-definition.schema.json says what the code reads and writes.</summary>
public class JobDefinitionSchemaTests
{
    private static readonly string SchemaText = File.ReadAllText(Path.Combine(Repository.Root, "docs", "job-definition.schema.json"));

    [Fact]
    public async Task Written_definitions_are_valid()
    {
        var schema = await JsonSchema.FromJsonAsync(SchemaText);

        Assert.All(Samples.All, job => Assert.Empty(schema.Validate(JobDefinitionFile.Write(job))));
    }

    public static TheoryData<string, string> Invalid => new()
    {
        { "\"schemaVersion\": 1", "\"schemaVersion\": 2" },
        { "\"name\": \"worker\",\n  \"image\"", "\"name\": \"Worker\",\n  \"image\"" },
        { "\"maxExecutions\": 10", "\"maxExecutions\": 0" },
        { "\"maxExecutions\": 10", "\"maxExecution\": 10" },
        { "\"messageCount\": 5", "\"messageCount\": \"5\"" },
        { "\"queue\": \"jobs\"", "\"queue\": \"jobs\", \"topic\": \"t\", \"subscription\": \"s\"" },
        { "\"identity\": \"worker-scaler\"", "\"identity\": \"worker-scaler\", \"connectionSecret\": \"s\"" },
        { "\"use\": \"worker\"", "\"use\": \"code\"" },
        { "\"name\": \"worker\",\n  \"image\"", "\"name\": \"worker\",\n  \"triggerType\": \"manual\",\n  \"image\"" },
        { "\"name\": \"worker\",\n  \"image\"", "\"name\": \"worker\",\n  \"schedule\": \"0 3 * * *\",\n  \"image\"" },
        { "\"name\": \"worker\",\n  \"image\"", "\"name\": \"worker\",\n  \"cloud\": \"moon\",\n  \"image\"" },
        { "\"JOBS_QUEUENAME\": \"jobs\"", "\"JOBS_QUEUENAME\": 7" },
        { "\"reference\": \"messaging.outputs.serviceBusEndpoint\"", "\"expression\": \"messaging.outputs.serviceBusEndpoint\"" },
        { "\"lockDurationSeconds\": 60", "\"lockDurationSeconds\": 0" },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task Wrong_definitions_are_invalid_for_schema_and_reader(string replaced, string by)
    {
        var text = JobDefinitionFile.Write(Samples.Worker);
        Assert.Contains(replaced, text, StringComparison.Ordinal);
        text = text.Replace(replaced, by, StringComparison.Ordinal);

        Assert.NotEmpty((await JsonSchema.FromJsonAsync(SchemaText)).Validate(text));
        Assert.ThrowsAny<FormatException>(() => JobDefinitionFile.Read(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void Every_field_is_in_the_schema_with_a_description()
    {
        var schema = JsonNode.Parse(SchemaText)!;

        var inCode = Fields(JobDefinitionJson.Default.JobDefinition, "").Order(StringComparer.Ordinal);
        var inSchema = Fields(schema, schema, "").Order(StringComparer.Ordinal);

        Assert.Equal(inCode, inSchema);
    }

    [Fact]
    public void Defaults_are_those_of_the_code()
    {
        var schema = JsonNode.Parse(SchemaText)!;
        decimal Default(string group, string field) => schema["properties"]![group]!["properties"]![field]!["default"]!.GetValue<decimal>();

        Assert.Equal(new ResourcesDefinition(), new(Default("resources", "cpuCores"), Default("resources", "memoryGi")));
        Assert.Equal(new ExecutionDefinition(), new(
            (int)Default("execution", "replicaTimeoutSeconds"),
            (int)Default("execution", "replicaRetryLimit"),
            (int)Default("execution", "parallelism"),
            (int)Default("execution", "replicaCompletionCount")));
        Assert.Equal(new ScaleDefinition(), new(
            (int)Default("scale", "pollingIntervalSeconds"), (int)Default("scale", "minExecutions"),
            (int)Default("scale", "maxExecutions")));
        Assert.Equal(
            new TriggerDefinition(), new((int)Default("trigger", "messageCount"), (int)Default("trigger", "activationMessageCount")));
    }

    private static IEnumerable<string> Fields(JsonTypeInfo type, string path) => type.Kind switch
    {
        JsonTypeInfoKind.Object => type.Properties.SelectMany(property =>
            Fields(type.Options.GetTypeInfo(property.PropertyType), $"{path}.{property.Name}").Prepend($"{path}.{property.Name}")),
        JsonTypeInfoKind.Enumerable => Fields(type.Options.GetTypeInfo(type.ElementType!), path),
        _ => [],
    };

    private static IEnumerable<string> Fields(JsonNode root, JsonNode schema, string path)
    {
        if (schema["$ref"]?.GetValue<string>() is { } reference)
        {
            schema = reference.Split('/').Skip(1).Aggregate(root, (node, step) => node[step]!);
        }

        Assert.True(
            schema["title"] is not null || schema["description"] is not null || path.EndsWith("[]", StringComparison.Ordinal),
            $"{path} has no description");
        var own = schema["properties"]?.AsObject().SelectMany(property =>
            Fields(root, property.Value!, $"{path}.{property.Key}").Prepend($"{path}.{property.Key}")) ?? [];
        var items = schema["items"] is { } item
            ? Fields(root, item, $"{path}[]").Select(field => field.Replace("[]", "", StringComparison.Ordinal))
            : [];
        return own.Concat(items);
    }
}
