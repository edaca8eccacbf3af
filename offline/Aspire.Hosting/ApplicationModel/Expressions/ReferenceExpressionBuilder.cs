using System.Runtime.CompilerServices;
using System.Text;

namespace Aspire.Hosting.ApplicationModel;

public class ReferenceExpressionBuilder
{
    private readonly StringBuilder _format = new();
    private readonly List<IValueProvider> _valueProviders = [];
    private readonly List<string> _manifestExpressions = [];
    private readonly List<string?> _stringFormats = [];

    public bool IsEmpty => _format.Length == 0;

    public void Append([InterpolatedStringHandlerArgument("")] in ReferenceExpressionBuilderInterpolatedStringHandler handler)
    {
        // The handler has already written into this builder.
    }

    public void AppendLiteral(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _format.Append(value.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));
    }

    public void AppendFormatted(string? value) => AppendFormatted(value, format: null);

    public void AppendFormatted(string? value, string? format = null)
    {
        if (value is not null)
        {
            AppendLiteral(ReferenceExpression.FormatValue(value, format)!);
        }
    }

    public void AppendFormatted<T>(T valueProvider) where T : IValueProvider, IManifestExpressionProvider => AppendFormatted(valueProvider, format: null);

    public void AppendFormatted<T>(T valueProvider, string? format) where T : IValueProvider, IManifestExpressionProvider
    {
        ArgumentNullException.ThrowIfNull(valueProvider);
        _format.Append('{').Append(_valueProviders.Count).Append('}');
        _valueProviders.Add(valueProvider);
        _manifestExpressions.Add(valueProvider.ValueExpression);
        _stringFormats.Add(format);
    }

    public void AppendValueProvider(object valueProvider, string? format = null)
    {
        if (valueProvider is not IValueProvider || valueProvider is not IManifestExpressionProvider)
        {
            throw new ArgumentException($"{valueProvider?.GetType()} must implement both {nameof(IValueProvider)} and {nameof(IManifestExpressionProvider)}.", nameof(valueProvider));
        }

        _format.Append('{').Append(_valueProviders.Count).Append('}');
        _valueProviders.Add((IValueProvider)valueProvider);
        _manifestExpressions.Add(((IManifestExpressionProvider)valueProvider).ValueExpression);
        _stringFormats.Add(format);
    }

    public ReferenceExpression Build() => new(_format.ToString(), [.. _valueProviders], [.. _manifestExpressions], [.. _stringFormats]);

    [InterpolatedStringHandler]
    public ref struct ReferenceExpressionBuilderInterpolatedStringHandler(int literalLength, int formattedCount, ReferenceExpressionBuilder builder)
    {
        private readonly ReferenceExpressionBuilder _builder = builder;

        public readonly void AppendLiteral(string value) => _builder.AppendLiteral(value);

        public readonly void AppendFormatted(string? value) => _builder.AppendFormatted(value);

        public readonly void AppendFormatted(string? value, string format) => _builder.AppendFormatted(value, format);

        public readonly void AppendFormatted<T>(T valueProvider) where T : IValueProvider, IManifestExpressionProvider =>
            _builder.AppendFormatted(valueProvider);

        public readonly void AppendFormatted<T>(T valueProvider, string? format) where T : IValueProvider, IManifestExpressionProvider =>
            _builder.AppendFormatted(valueProvider, format);

        public readonly void AppendFormatted<T>(IResourceBuilder<T> valueProvider) where T : IResource, IValueProvider, IManifestExpressionProvider =>
            _builder.AppendFormatted(valueProvider.Resource);

        public readonly void AppendFormatted<T>(IResourceBuilder<T> valueProvider, string? format) where T : IResource, IValueProvider, IManifestExpressionProvider =>
            _builder.AppendFormatted(valueProvider.Resource, format);
    }
}

public partial class ReferenceExpression
{
    [InterpolatedStringHandler]
    public ref struct ExpressionInterpolatedStringHandler(int literalLength, int formattedCount)
    {
        private readonly ReferenceExpressionBuilder _builder = new();

        public readonly void AppendLiteral(string value) => _builder.AppendLiteral(value);

        public readonly void AppendFormatted(string? value) => _builder.AppendFormatted(value);

        public readonly void AppendFormatted(string? value, string? format = null) => _builder.AppendFormatted(value, format);

        public readonly void AppendFormatted<T>(T valueProvider) where T : IValueProvider, IManifestExpressionProvider =>
            _builder.AppendFormatted(valueProvider);

        public readonly void AppendFormatted<T>(T valueProvider, string? format = null) where T : IValueProvider, IManifestExpressionProvider =>
            _builder.AppendFormatted(valueProvider, format);

        public readonly void AppendFormatted<T>(IResourceBuilder<T> valueProvider) where T : IResource, IValueProvider, IManifestExpressionProvider =>
            _builder.AppendFormatted(valueProvider.Resource);

        public readonly void AppendFormatted<T>(IResourceBuilder<T> valueProvider, string? format = null) where T : IResource, IValueProvider, IManifestExpressionProvider =>
            _builder.AppendFormatted(valueProvider.Resource, format);

        internal readonly ReferenceExpression GetExpression() => _builder.Build();
    }
}
