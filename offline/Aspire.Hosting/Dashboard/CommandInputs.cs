using Aspire.Hosting.Dashboard.Wire;

namespace Aspire.Hosting.Dashboard;

/// <summary>A command's inputs between the model and the wire.</summary>
internal static class CommandInputs
{
    public static Input ToWire(InteractionInput input, string? value)
    {
        var wire = new Input
        {
            Name = input.Name,
            Label = input.Label ?? input.Name,
            Description = input.Description ?? "",
            Placeholder = input.Placeholder ?? "",
            Required = input.Required,
            MaxLength = input.MaxLength ?? 0,
            Value = value ?? input.Value ?? "",
            Kind = input.InputType switch
            {
                InputType.SecretText => InputKind.InputSecret,
                InputType.Choice => InputKind.InputChoice,
                InputType.Boolean => InputKind.InputBoolean,
                InputType.Number => InputKind.InputNumber,
                _ => InputKind.InputText,
            },
        };
        foreach (var (key, text) in input.Options ?? [])
        {
            wire.Options[key] = text;
        }

        return wire;
    }

    public static InteractionInputCollection FromWire(IReadOnlyList<InteractionInput> inputs, IReadOnlyList<Input> filled) => new(
    [
        .. inputs.Select(input => new InteractionInput
        {
            Name = input.Name,
            InputType = input.InputType,
            Label = input.Label,
            Description = input.Description,
            Placeholder = input.Placeholder,
            Required = input.Required,
            MaxLength = input.MaxLength,
            Options = input.Options,
            Value = filled.FirstOrDefault(f => f.Name == input.Name)?.Value,
        }),
    ]);
}
