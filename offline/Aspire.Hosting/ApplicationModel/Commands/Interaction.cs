using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Aspire.Hosting;

[Experimental("ASPIREINTERACTION001")]
public enum InputType
{
    Text = 0,
    SecretText = 1,
    Choice = 2,
    Boolean = 3,
    Number = 4,
}

[Experimental("ASPIREINTERACTION001")]
public sealed class InteractionInput
{
    public required string Name { get; init; }

    public required InputType InputType { get; init; }

    public string? Label { get; init; }

    public string? Description { get; init; }

    public string? Placeholder { get; init; }

    public bool Required { get; init; }

    public int? MaxLength { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>>? Options { get; set; }

    public string? Value { get; set; }
}

[Experimental("ASPIREINTERACTION001")]
public sealed class InteractionInputCollection(IReadOnlyList<InteractionInput> inputs) : IReadOnlyList<InteractionInput>
{
    private readonly IReadOnlyList<InteractionInput> _inputs = inputs ?? throw new ArgumentNullException(nameof(inputs));

    internal static InteractionInputCollection Empty { get; } = new([]);

    public int Count => _inputs.Count;

    public IEnumerable<string> Names => _inputs.Select(i => i.Name);

    public InteractionInput this[int index] => _inputs[index];

    public InteractionInput this[string name] => TryGetByName(name, out var input)
        ? input
        : throw new KeyNotFoundException($"There is no input named '{name}'.");

    public bool ContainsName(string name) => TryGetByName(name, out _);

    public bool TryGetByName(string name, [NotNullWhen(true)] out InteractionInput? input)
    {
        input = _inputs.FirstOrDefault(i => string.Equals(i.Name, name, StringComparison.OrdinalIgnoreCase));
        return input is not null;
    }

    public string? GetString(string name) => this[name].Value;

    public int GetInt32(string name) => int.Parse(this[name].Value ?? "", CultureInfo.InvariantCulture);

    public IEnumerator<InteractionInput> GetEnumerator() => _inputs.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

[Experimental("ASPIREINTERACTION001")]
public sealed class InputsDialogValidationContext
{
    private readonly List<(string Name, string Message)> _errors = [];

    public required InteractionInputCollection Inputs { get; init; }

    public required CancellationToken CancellationToken { get; init; }

    public required IServiceProvider Services { get; init; }

    internal IReadOnlyList<(string Name, string Message)> Errors => _errors;

    public void AddValidationError(string inputName, string errorMessage) => _errors.Add((inputName, errorMessage));

    public void AddValidationError(InteractionInput input, string errorMessage)
    {
        ArgumentNullException.ThrowIfNull(input);
        AddValidationError(input.Name, errorMessage);
    }
}
