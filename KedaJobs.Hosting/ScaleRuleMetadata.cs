using System.Collections;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Hosting.Publishing;

namespace KedaJobs.Hosting;

/// <summary>The metadata of a scale rule: the settings of a KEDA scaler, by name. Values are text, or become known at deployment.</summary>
/// <remarks>
/// Parameters and outputs of resources become parameters of the job's module, so that a rule can count what the AppHost itself creates.
/// Don't put secrets here: pass them to <c>WithScaleRule</c> as secret parameters (KJ038).
/// <example>
/// <code>
/// worker.WithScaleRule("uploads", "azure-queue", new ScaleRuleMetadata
/// {
///     { "queueName", "uploads" },
///     { "accountName", storage.GetOutput("name") },
///     { "queueLength", uploadsPerExecution },
/// }, identity);
/// </code>
/// </example>
/// </remarks>
public sealed class ScaleRuleMetadata : IEnumerable<KeyValuePair<string, object>>
{
    private readonly OrderedDictionary<string, object> _values = new(StringComparer.Ordinal);

    /// <summary>Adds text. KEDA expects numbers and Booleans as text, too.</summary>
    /// <param name="name">The name, as KEDA spells it.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or already has a value.</exception>
    public void Add(string name, string value) => AddValue(name, value);

    /// <summary>Adds the value of a parameter that is not secret.</summary>
    /// <param name="name">The name, as KEDA spells it.</param>
    /// <param name="parameter">The parameter.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or already has a value.</exception>
    public void Add(string name, IResourceBuilder<ParameterResource> parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        AddValue(name, parameter.Resource);
    }

    /// <summary>Adds an output of a resource, for instance the name of a namespace or of a storage account.</summary>
    /// <param name="name">The name, as KEDA spells it.</param>
    /// <param name="output">The output.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or already has a value.</exception>
    public void Add(string name, BicepOutputReference output) => AddValue(name, output);

    /// <summary>Adds text with parameters and outputs in it.</summary>
    /// <param name="name">The name, as KEDA spells it.</param>
    /// <param name="expression">The expression.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or already has a value.</exception>
    public void Add(string name, ReferenceExpression expression)
    {
        ArgumentNullException.ThrowIfNull(expression);
        AddValue(name, expression.ValueProviders.Count == 0 ? expression.ValueExpression : expression);
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, object>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal IReadOnlyDictionary<string, string> Texts() =>
        _values.Where(entry => entry.Value is string)
            .ToDictionary(entry => entry.Key, entry => (string)entry.Value, StringComparer.Ordinal);

    internal IReadOnlyDictionary<string, ScaleRuleReference> References(string rule) =>
        _values.Where(entry => entry.Value is not string)
            .ToDictionary(
                entry => entry.Key, entry => ScaleRuleReference.Of(rule, entry.Key, (IManifestExpressionProvider)entry.Value),
                StringComparer.Ordinal);

    private void AddValue(string name, object value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(value);
        if (!_values.TryAdd(name, value))
        {
            throw new ArgumentException($"The metadata already has '{name}'.", nameof(name));
        }
    }
}
