using System.Runtime.CompilerServices;
using Aspire.Hosting.ApplicationModel;
using Azure.Provisioning;
using Azure.Provisioning.Expressions;
using Azure.Provisioning.Primitives;

namespace Aspire.Hosting.Azure;

/// <summary>Values of the model as <c>main.bicep</c> passes them to modules: its own parameters, and outputs of other modules.</summary>
internal sealed class MainTemplateValues(
    IReadOnlyDictionary<ParameterResource, ProvisioningParameter> parameters, IReadOnlyDictionary<AzureBicepResource, ModuleImport> modules)
{
    public BicepValue<string> Convert(object? value) => value switch
    {
        BicepOutputReference output => Output(output),
        ParameterResource parameter => parameters[parameter],
        ConnectionStringReference reference => Convert(reference.Resource.ConnectionStringExpression),
        IResourceWithConnectionString resource => Convert(resource.ConnectionStringExpression),
        ReferenceExpression { IsConditional: true } =>
            throw new NotSupportedException("The stand-ins for the Azure packages do not publish conditional expressions."),
        ReferenceExpression expression => BicepFunction.Interpolate(
            FormattableStringFactory.Create(expression.Format, [.. expression.ValueProviders.Select(Convert)])),
        string text => text,
        _ => "",
    };

    public BicepValue<string> Output(BicepOutputReference output) => new MemberExpression(
        new MemberExpression(new IdentifierExpression(modules[output.Resource].BicepIdentifier), "outputs"), output.Name);

    /// <summary>The resource group that a module is deployed to.</summary>
    public BicepValue<string> Scope(AzureBicepResourceScope scope)
    {
        var group = Convert(scope.ResourceGroup).Compile();
        BicepExpression[] arguments = scope.Subscription is { } subscription ? [Convert(subscription).Compile(), group] : [group];
        return new FunctionCallExpression(new IdentifierExpression("resourceGroup"), arguments);
    }
}
