using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;

namespace KedaJobs.Hosting.Broker;

/// <summary>The endpoint that makes Aspire use the broker in this process as the namespace's emulator.</summary>
/// <remarks>
/// Aspire writes an emulator's connection strings and properties (with the official emulator's key) once the namespace has an endpoint
/// named "emulator" and a container image. Both come only after the orchestrator has picked its containers, that is in the synchronous part
/// of the namespace's InitializeResourceEvent, so no container is started; and before any consumer's environment is evaluated.
/// </remarks>
internal static class EmulatorEndpoint
{
    /// <summary>The name by which containers reach this machine.</summary>
    public const string ContainerHost = "host.docker.internal";

    public static void Apply(AzureServiceBusResource bus, int port)
    {
        var endpoint = new EndpointAnnotation(ProtocolType.Tcp, name: "emulator", port: port, isProxied: false);
        endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", port);
        // A container knows this machine by another name; Aspire would wait forever for a missing value.
        endpoint.AllAllocatedEndpoints.AddOrUpdateAllocatedEndpoint(
            KnownNetworkIdentifiers.DefaultAspireContainerNetwork,
            new AllocatedEndpoint(
                endpoint, ContainerHost, port, EndpointBindingMode.SingleAddress, targetPortExpression: null,
                KnownNetworkIdentifiers.DefaultAspireContainerNetwork));
        bus.Annotations.Add(endpoint);
        bus.Annotations.Add(new ContainerImageAnnotation { Image = "embedded", Tag = "none" });
    }
}
