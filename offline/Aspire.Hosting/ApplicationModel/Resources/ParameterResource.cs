using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.ApplicationModel;

public class ParameterResource : Resource, IExpressionValue
{
    private readonly Func<ParameterDefault?, string> _valueCallback;
    private string? _value;

    public ParameterResource(string name, Func<ParameterDefault?, string> callback, bool secret = false) : base(name)
    {
        ArgumentNullException.ThrowIfNull(callback);
        _valueCallback = callback;
        Secret = secret;
    }

    public bool Secret { get; }

    public ParameterDefault? Default { get; set; }

    public string? Description { get; set; }

    public bool EnableDescriptionMarkdown { get; set; }

    public bool IsConnectionString { get; set; }

    public string ValueExpression => IsConnectionString ? $"{{{Name}.connectionString}}" : $"{{{Name}.value}}";

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => new(_value ??= _valueCallback(Default));

    public ValueTask<string?> GetValueAsync(ValueProviderContext _, CancellationToken cancellationToken) => GetValueAsync(cancellationToken);

    /// <summary>The manifest's name for what the deployer is asked: the value itself, or a default that stands in for it.</summary>
    internal string InputExpression => $"{{{Name}.inputs.value}}";
}

public abstract class ParameterDefault
{
    public abstract string GetDefaultValue();

    public abstract void WriteToManifest(ManifestPublishingContext context);
}

/// <summary>A default that is a plain text known when the model is built.</summary>
internal sealed class ConstantParameterDefault(Func<string> value) : ParameterDefault
{
    public override string GetDefaultValue() => value();

    public override void WriteToManifest(ManifestPublishingContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Writer.WriteString("value", value());
    }
}
