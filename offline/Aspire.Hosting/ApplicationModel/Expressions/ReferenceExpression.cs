using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Text with holes that are filled when the value is asked for, or written as manifest placeholders when it is published.</summary>
[SuppressMessage("Design", "CA1815", Justification = "The interpolation handlers live for one expression.")]
public partial class ReferenceExpression : IExpressionValue, IValueWithReferences
{
    public static readonly ReferenceExpression Empty = new("", [], [], []);

    private readonly string[] _manifestExpressions;
    private readonly string?[] _stringFormats;

    internal ReferenceExpression(string format, IReadOnlyList<IValueProvider> valueProviders, string[] manifestExpressions, string?[] stringFormats)
    {
        Format = format;
        ValueProviders = valueProviders;
        _manifestExpressions = manifestExpressions;
        _stringFormats = stringFormats;
    }

    public string Format { get; }

    public IReadOnlyList<IValueProvider> ValueProviders { get; }

    public IReadOnlyList<string> ManifestExpressions => _manifestExpressions;

    public IReadOnlyList<string?> StringFormats => _stringFormats;

    public string ValueExpression => string.Format(CultureInfo.InvariantCulture, Format, _manifestExpressions);

    IEnumerable<object> IValueWithReferences.References => ValueProviders;

    public static ReferenceExpression Create(in ExpressionInterpolatedStringHandler handler) => handler.GetExpression();

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => GetValueAsync(new ValueProviderContext(), cancellationToken);

    public async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken)
    {
        if (Format.Length == 0)
        {
            return null;
        }

        var values = new object?[ValueProviders.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var value = await ValueProviders[i].GetValueAsync(context, cancellationToken).ConfigureAwait(false);
            values[i] = FormatValue(value, _stringFormats[i]);
        }

        return string.Format(CultureInfo.InvariantCulture, Format, values);
    }

    internal static string? FormatValue(string? value, string? format) => (value, format) switch
    {
        (null, _) or (_, null) => value,
        (_, "uri") => Uri.EscapeDataString(value),
        _ => throw new FormatException($"The format '{format}' is not supported in a reference expression. Only 'uri' is."),
    };
}
