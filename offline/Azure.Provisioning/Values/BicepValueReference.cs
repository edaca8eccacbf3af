using Azure.Provisioning.Expressions;

namespace Azure.Provisioning.Primitives;

public class BicepValueReference(ProvisionableConstruct construct, string propertyName, params string[]? path)
{
    public ProvisionableConstruct Construct { get; } = construct;

    public string PropertyName { get; } = propertyName;

    public IReadOnlyList<string>? BicepPath { get; } = path;

    public override string ToString() => $"<value of {Construct.GetType().Name}.{PropertyName}>";

    /// <summary>
    /// How Bicep reads the property of a deployed resource; null where the owner has no name to start from (an item of a list).
    /// </summary>
    internal BicepExpression? GetReference()
    {
        var root = Construct.GetReference();
        return root is null ? null : (BicepPath ?? []).Aggregate(root, (value, member) => new MemberExpression(value, member));
    }
}
