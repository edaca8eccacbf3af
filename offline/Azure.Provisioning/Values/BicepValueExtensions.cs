using Azure.Provisioning.Expressions;

namespace Azure.Provisioning;

public static class BicepValueExtensions
{
    /// <summary>The value as a part of other expressions: a property of a resource by its path, anything else as it is written.</summary>
    public static BicepExpression ToBicepExpression(this IBicepValue bicepValue) =>
        bicepValue.Self?.GetReference() ?? bicepValue.Compile();
}
