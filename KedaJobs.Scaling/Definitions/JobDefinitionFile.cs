using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using KedaJobs.Scaling.Json;

namespace KedaJobs.Scaling.Definitions;

/// <summary>The job definition as a JSON document.</summary>
public static class JobDefinitionFile
{
    // For people: indented, and without escapes that only browsers need.
    private static readonly JobDefinitionJson Readable = new(new(JobDefinitionJson.Default.Options)
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>Writes a definition. The same definition always gives the same text; null values are left out.</summary>
    /// <param name="definition">The definition.</param>
    /// <returns>Indented JSON that ends with a line feed.</returns>
    public static string Write(JobDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return JsonSerializer.Serialize(definition, Readable.JobDefinition) + "\n";
    }

    /// <summary>Reads a definition and rejects what no exporter could use.</summary>
    /// <param name="utf8">The document.</param>
    /// <returns>The definition.</returns>
    /// <exception cref="JsonInputException">
    /// It is not JSON, has unknown or missing fields, or a value is out of range or contradicts another.
    /// </exception>
    public static JobDefinition Read(ReadOnlySpan<byte> utf8)
    {
        var definition = StrictJson.Read(utf8, JobDefinitionJson.Default.JobDefinition);
        foreach (var (field, problem) in JobDefinitionRules.Problems(definition))
        {
            throw StrictJson.Wrong(utf8, field, problem);
        }

        return definition;
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JobDefinition))]
internal sealed partial class JobDefinitionJson : JsonSerializerContext;
