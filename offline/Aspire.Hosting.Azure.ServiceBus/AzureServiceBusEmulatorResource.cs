using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Azure;

/// <summary>The namespace seen as the container that emulates it: one set of annotations, two faces.</summary>
public class AzureServiceBusEmulatorResource(AzureServiceBusResource innerResource) : ContainerResource(innerResource.Name)
{
    public override ResourceAnnotationCollection Annotations => innerResource.Annotations;
}
