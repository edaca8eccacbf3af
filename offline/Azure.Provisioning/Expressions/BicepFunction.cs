using Azure.Core;
using Azure.Provisioning.Resources;

namespace Azure.Provisioning.Expressions;

public static class BicepFunction
{
    public static BicepValue<string> Concat(params BicepValue<string>[] values) => new(Call("concat", values));

    public static BicepValue<string> CreateGuid(params BicepValue<string>[] values) => new(Call("guid", values));

    public static ResourceGroup GetResourceGroup() => ResourceGroup.FromExpression(Call("resourceGroup"));

    public static Subscription GetSubscription() => Subscription.FromExpression(Call("subscription"));

    public static BicepValue<ResourceIdentifier> GetSubscriptionResourceId(params BicepValue<string>[] values) =>
        new(Call("subscriptionResourceId", values));

    public static BicepValue<string> GetUniqueString(params BicepValue<string>[] values) => new(Call("uniqueString", values));

    public static BicepValue<string> Interpolate(BicepInterpolatedStringHandler handler) => handler.Build();

    public static BicepValue<object> ParseJson(BicepValue<object> value) => new(Call("json", value));

    public static BicepValue<string> Take(BicepValue<string> text, BicepValue<int> size) => new(Call("take", text, size));

    private static FunctionCallExpression Call(string name, params BicepValue[] arguments) =>
        new(new IdentifierExpression(name), [.. arguments.Select(argument => argument.Compile())]);
}
