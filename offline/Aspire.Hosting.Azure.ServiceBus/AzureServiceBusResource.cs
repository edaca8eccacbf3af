using Aspire.Hosting.ApplicationModel;
using Azure.Provisioning.Primitives;
using Azure.Provisioning.ServiceBus;

namespace Aspire.Hosting.Azure;

public class AzureServiceBusResource(string name, Action<AzureResourceInfrastructure> configureInfrastructure)
    : AzureProvisioningResource(name, configureInfrastructure), IResourceWithConnectionString, IResourceWithEndpoints
{
    private const string EmulatorCredentials =
        "SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;";

    /// <summary>Whether a container stands for the namespace: also one that was only annotated to be there.</summary>
    public bool IsEmulator => this.IsContainer();

    public BicepOutputReference ServiceBusEndpoint => new("serviceBusEndpoint", this);

    public BicepOutputReference Id => new("id", this);

    public BicepOutputReference NameOutputReference => new("name", this);

    public ReferenceExpression HostName => IsEmulator
        ? ReferenceExpression.Create($"{Emulator.Property(EndpointProperty.Host)}")
        : ReferenceExpression.Create($"{new BicepOutputReference("serviceBusHostName", this)}");

    public ReferenceExpression? Port => IsEmulator ? ReferenceExpression.Create($"{Emulator.Property(EndpointProperty.Port)}") : null;

    public ReferenceExpression UriExpression => IsEmulator
        ? ReferenceExpression.Create($"sb://{Emulator.Property(EndpointProperty.Host)}:{Emulator.Property(EndpointProperty.Port)}")
        : ReferenceExpression.Create($"{ServiceBusEndpoint}");

    public ReferenceExpression ConnectionStringExpression => GetConnectionString(null);

    internal List<AzureServiceBusQueueResource> Queues { get; } = [];

    internal List<AzureServiceBusTopicResource> Topics { get; } = [];

    private EndpointReference Emulator => new(this, "emulator");

    public override ProvisionableResource AddAsExistingResource(AzureResourceInfrastructure infra)
    {
        var existing = ServiceBusNamespace.FromExisting(this.GetBicepIdentifier());
        if (!TryApplyExistingResourceAnnotation(this, infra, existing))
        {
            existing.Name = NameOutputReference.AsProvisioningParameter(infra);
        }

        infra.Add(existing);
        return existing;
    }

    /// <summary>For the namespace, or for an entity of it ("jobs", "topic/Subscriptions/mine").</summary>
    internal ReferenceExpression GetConnectionString(string? entityPath)
    {
        var builder = new ReferenceExpressionBuilder();
        if (IsEmulator)
        {
            var host = Emulator.Property(EndpointProperty.Host);
            var port = Emulator.Property(EndpointProperty.Port);
            builder.Append($"Endpoint=sb://{host}:{port};{EmulatorCredentials}");
        }
        else
        {
            // Clients with a credential take the bare endpoint of a namespace; together with an entity it has to be a connection string.
            builder.AppendLiteral(entityPath is null ? "" : "Endpoint=");
            builder.AppendFormatted(ServiceBusEndpoint);
        }

        if (entityPath is not null)
        {
            builder.AppendLiteral($";EntityPath={entityPath}");
        }

        return builder.Build();
    }

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties()
    {
        yield return new("Host", HostName);
        if (Port is { } port)
        {
            yield return new("Port", port);
        }

        yield return new("Uri", UriExpression);
        if (IsEmulator)
        {
            yield return new("ConnectionString", ConnectionStringExpression);
        }
    }
}
