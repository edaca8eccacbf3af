using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Azure;

public sealed class ExistingAzureResourceAnnotation(object name, object? resourceGroup = null) : IResourceAnnotation
{
    public object Name { get; } = name;

    public object? ResourceGroup { get; } = resourceGroup;
}
