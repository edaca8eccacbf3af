using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Azure;

public interface IAppIdentityResource
{
    BicepOutputReference Id { get; }

    BicepOutputReference ClientId { get; }

    BicepOutputReference PrincipalId { get; }

    BicepOutputReference PrincipalName { get; }
}

public class AppIdentityAnnotation(IAppIdentityResource identityResource) : IResourceAnnotation
{
    public IAppIdentityResource IdentityResource { get; } = identityResource;
}
