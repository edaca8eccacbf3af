using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Azure;

public sealed class BicepOutputReference(string name, AzureBicepResource resource)
    : IExpressionValue, IValueWithReferences, IEquatable<BicepOutputReference>
{
    public string Name { get; } = name;

    public AzureBicepResource Resource { get; } = resource;

    public string ValueExpression => $"{{{Resource.Name}.outputs.{Name}}}";

    public string? Value => Resource.Outputs.TryGetValue(Name, out var value)
        ? value?.ToString()
        : throw new InvalidOperationException($"No output for {Name} on resource {Resource.Name}");

    IEnumerable<object> IValueWithReferences.References => [Resource];

    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default)
    {
        if (Resource.ProvisioningTaskCompletionSource is { } provisioning)
        {
            await provisioning.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        return Value;
    }

    public override int GetHashCode() => HashCode.Combine(Name, Resource);

    public override bool Equals(object? obj) => Equals(obj as BicepOutputReference);

    bool IEquatable<BicepOutputReference>.Equals(BicepOutputReference? other) => Equals(other);

    private bool Equals(BicepOutputReference? other) =>
        other is not null && Name == other.Name && ReferenceEquals(Resource, other.Resource);
}
