using Azure.Core;
using Azure.Provisioning.Expressions;
using Azure.Provisioning.Primitives;

namespace Azure.Provisioning.Resources;

public class Subscription(string bicepIdentifier, string? resourceVersion = null)
    : ProvisionableResource(bicepIdentifier, "Microsoft.Resources/subscriptions", resourceVersion ?? "2022-12-01")
{
    public BicepValue<ResourceIdentifier> Id => Value<ResourceIdentifier>();

    public BicepValue<string> SubscriptionId => Value<string>();

    public BicepValue<Guid> TenantId => Value<Guid>();

    internal static Subscription FromExpression(BicepExpression expression)
    {
        var subscription = new Subscription("subscription");
        subscription.OverrideWithExpression(expression);
        return subscription;
    }

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<ResourceIdentifier>(nameof(Id), ["id"], isOutput: true);
        DefineProperty<string>(nameof(SubscriptionId), ["subscriptionId"], isOutput: true);
        DefineProperty<Guid>(nameof(TenantId), ["tenantId"], isOutput: true);
    }
}
