using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Azure.Provisioning;

namespace Aspire.Hosting;

public static class AzureResourceExtensions
{
    public static string GetBicepIdentifier(this IAzureResource resource) => Infrastructure.NormalizeBicepIdentifier(resource.Name);

    public static IResourceBuilder<T> ClearDefaultRoleAssignments<T>(this IResourceBuilder<T> builder)
        where T : IAzureResource
    {
        foreach (var annotation in builder.Resource.Annotations.OfType<DefaultRoleAssignmentsAnnotation>().ToList())
        {
            builder.Resource.Annotations.Remove(annotation);
        }

        return builder;
    }

    /// <summary>Whether somebody else stands for the resource, so that nothing of it is created in Azure.</summary>
    internal static bool IsProvisioned(this IAzureResource resource) =>
        !resource.HasAnnotationOfType<EmulatorResourceAnnotation>() && !resource.HasAnnotationOfType<ContainerImageAnnotation>();
}
