namespace Aspire.Hosting.ApplicationModel
{
    public interface IResourceWithArgs : IResource;

    public interface IResourceWithEndpoints : IResource;

    public interface IResourceWithEnvironment : IResource;

    public interface IResourceWithWaitSupport : IResource;

    /// <summary>Marks a resource that no runtime drives through states, such as a parameter.</summary>
    public interface IResourceWithoutLifetime : IResource;

    public interface IResourceWithParameters : IResource
    {
        IDictionary<string, object?> Parameters { get; }
    }

    public interface IResourceWithParent : IResource
    {
        IResource Parent { get; }
    }

    public interface IResourceWithParent<out T> : IResourceWithParent where T : IResource
    {
        new T Parent { get; }

        IResource IResourceWithParent.Parent => Parent;
    }

    public interface IComputeResource : IResource;

    public interface IContainerFilesDestinationResource : IResource;

    public interface IComputeEnvironmentResource : IResource
    {
        [System.Diagnostics.CodeAnalysis.Experimental("ASPIRECOMPUTE002")]
        ReferenceExpression GetHostAddressExpression(EndpointReference endpointReference) =>
            throw new NotImplementedException($"'{Name}' does not say how its endpoints are addressed.");

        [System.Diagnostics.CodeAnalysis.Experimental("ASPIRECOMPUTE002")]
        ReferenceExpression GetEndpointPropertyExpression(EndpointReferenceExpression endpointReferenceExpression) =>
            throw new NotImplementedException($"'{Name}' does not say how its endpoints are addressed.");
    }

    public interface IContainerRegistry
    {
        ReferenceExpression Name { get; }

        ReferenceExpression Endpoint { get; }

        ReferenceExpression? Repository => null;
    }
}

namespace Aspire.Hosting
{
    public interface IResourceWithServiceDiscovery : ApplicationModel.IResourceWithEndpoints;
}
