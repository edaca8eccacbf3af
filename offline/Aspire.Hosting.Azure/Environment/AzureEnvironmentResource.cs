using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Azure;

[Experimental("ASPIREAZURE001")]
public sealed class AzureEnvironmentResource : Resource
{
    public AzureEnvironmentResource(string name, ParameterResource location, ParameterResource resourceGroupName, ParameterResource principalId)
        : base(name)
    {
        Location = location;
        ResourceGroupName = resourceGroupName;
        PrincipalId = principalId;
        Annotations.Add(ManifestPublishingCallbackAnnotation.Ignore);
    }

    public ParameterResource Location { get; set; }

    public ParameterResource ResourceGroupName { get; set; }

    public ParameterResource PrincipalId { get; set; }
}
