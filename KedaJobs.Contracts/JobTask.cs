using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace KedaJobs.Contracts;

/// <summary>
/// A task's contract: its name, what it takes and what it gives. The producer refuses input that breaks it, the worker reads input by it.
/// </summary>
public abstract class JobTask
{
    private protected JobTask(string name, string summary)
    {
        Name = name;
        Summary = summary;
    }

    /// <summary>The name that requests, messages and handlers use.</summary>
    public string Name { get; }

    /// <summary>What the task does, in one sentence for the API's page.</summary>
    public string Summary { get; }

    /// <summary>Type of the input.</summary>
    public abstract Type InputType { get; }

    /// <summary>Type of the output.</summary>
    public abstract Type OutputType { get; }

    /// <summary>Says everything that is wrong with an input.</summary>
    /// <param name="input">The input as it came; undefined when there was none.</param>
    /// <returns>The errors, none when the input is good.</returns>
    public abstract IReadOnlyList<InputError> Check(JsonElement input);
}

/// <summary>A task's contract with its types.</summary>
/// <typeparam name="TInput">What the task takes. Ranges are declared by data annotations; unknown fields are refused.</typeparam>
/// <typeparam name="TOutput">What the task gives.</typeparam>
public sealed class JobTask<TInput, TOutput> : JobTask
    where TInput : class
    where TOutput : class
{
    private readonly Func<JsonTypeInfo<TInput>> _readInput;
    private readonly Func<JsonTypeInfo<TOutput>> _readOutput;

    /// <summary>Functions, because a process that does one task should not pay for the metadata of all.</summary>
    internal JobTask(string name, string summary, Func<JsonTypeInfo<TInput>> input, Func<JsonTypeInfo<TOutput>> output)
        : base(name, summary)
    {
        _readInput = input;
        _readOutput = output;
    }

    private JsonTypeInfo<TInput> InputInfo => _readInput();

    private JsonTypeInfo<TOutput> OutputInfo => _readOutput();

    /// <inheritdoc/>
    public override Type InputType => typeof(TInput);

    /// <inheritdoc/>
    public override Type OutputType => typeof(TOutput);

    /// <inheritdoc/>
    public override IReadOnlyList<InputError> Check(JsonElement input) => Read(input).Errors;

    /// <summary>Reads and checks an input.</summary>
    /// <param name="input">The input as it came; undefined when there was none.</param>
    /// <returns>The input, or null and everything that is wrong with it.</returns>
    public (TInput? Input, IReadOnlyList<InputError> Errors) Read(JsonElement input)
    {
        if (input.ValueKind != JsonValueKind.Object)
        {
            var problem = input.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? "is missing" : "must be a JSON object";
            return (null, [new InputError("", $"The input {problem}. Task '{Name}' takes: {FieldList()}.")]);
        }

        TInput read;
        try
        {
            read = input.Deserialize(InputInfo)!;
        }
        catch (JsonException e)
        {
            return (null, [Explain(e)]);
        }

        var broken = Broken(read);
        return broken.Count == 0 ? (read, []) : (null, broken);
    }

    /// <summary>The output as JSON.</summary>
    /// <param name="output">What the handler returned.</param>
    /// <returns>A JSON object.</returns>
    public JsonElement Write(TOutput output) => JsonSerializer.SerializeToElement(output, OutputInfo);

    /// <summary>Writes the output as JSON.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="output">What the handler returned.</param>
    public void Write(Utf8JsonWriter writer, TOutput output) => JsonSerializer.Serialize(writer, output, OutputInfo);

    // The annotations as the generated JSON code knows them: System.ComponentModel's Validator looks for
    // them by reflection, which trimming breaks.
    private List<InputError> Broken(TInput input)
    {
        var broken = new List<InputError>();
        foreach (var property in InputInfo.Properties)
        {
            var value = property.Get?.Invoke(input);
            foreach (var rule in property.AttributeProvider?.GetCustomAttributes(typeof(ValidationAttribute), inherit: true) ?? [])
            {
                if (rule is ValidationAttribute annotation && !annotation.IsValid(value))
                {
                    broken.Add(new InputError(property.Name, annotation.FormatErrorMessage(property.Name)));
                    break;
                }
            }
        }

        return broken;
    }

    private InputError Explain(JsonException exception)
    {
        // Path is "$.field", or "$['some field']" where the name is not plain.
        var path = (exception.Path ?? "$").TrimStart('$').TrimStart('.');
        var property = InputInfo.Properties.FirstOrDefault(known => known.Name == path);
        return property is null
            ? new InputError(path, $"Task '{Name}' does not know this field. It takes: {FieldList()}.")
            : new InputError(path, $"must be {JsonKind.Of(property.PropertyType)}.");
    }

    private string FieldList() =>
        string.Join(", ", InputInfo.Properties.Select(property => $"{property.Name} ({JsonKind.Of(property.PropertyType)})"));
}
