using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Azure;

/// <summary>
/// The official emulator: a container, another one with the SQL Server that it needs, and a file that tells it its entities.
/// </summary>
internal static class ServiceBusEmulator
{
    private const string Registry = "mcr.microsoft.com";
    private const string Health = "emulatorhealth";

    public static IResourceBuilder<AzureServiceBusResource> Attach(
        IResourceBuilder<AzureServiceBusResource> bus, Action<IResourceBuilder<AzureServiceBusEmulatorResource>>? configureContainer)
    {
        var builder = bus.ApplicationBuilder;
        var password = ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(
            builder, $"{bus.Resource.Name}-sql-pwd", minLower: 1, minUpper: 1, minNumeric: 1);
        var sql = builder.AddContainer($"{bus.Resource.Name}-mssql", "mssql/server", "2022-latest")
            .WithImageRegistry(Registry)
            .WithEndpoint(targetPort: 1433, name: "tcp")
            .WithEnvironment("ACCEPT_EULA", "Y")
            .WithEnvironment(context => context.EnvironmentVariables["MSSQL_SA_PASSWORD"] = password)
            .WithParentRelationship(bus);

        bus.WithAnnotation(new EmulatorResourceAnnotation())
            .WithEndpoint(name: "emulator", targetPort: 5672)
            .WithHttpEndpoint(name: Health, targetPort: 5300)
            .WithEndpoint(Health, endpoint => endpoint.ExcludeReferenceEndpoint = true)
            .WithAnnotation(
                new ContainerImageAnnotation { Registry = Registry, Image = "azure-messaging/servicebus-emulator", Tag = "2.0.0" })
            .WithAnnotation(new EnvironmentCallbackAnnotation(context =>
            {
                context.EnvironmentVariables["ACCEPT_EULA"] = "Y";
                context.EnvironmentVariables["SQL_SERVER"] = $"{sql.Resource.Name}:{sql.GetEndpoint("tcp").TargetPort}";
                context.EnvironmentVariables["MSSQL_SA_PASSWORD"] = password;
            }))
            .WithHttpHealthCheck(endpointName: Health, path: "/health");

        var container = builder.CreateResourceBuilder(new AzureServiceBusEmulatorResource(bus.Resource));
        configureContainer?.Invoke(container);

        // Written when the container is created: entities may be declared until then.
        container.WithContainerFiles("/ServiceBus_Emulator/ConfigFiles", (_, _) => Task.FromResult<IEnumerable<ContainerFileSystemItem>>(
            [new ContainerFile { Name = "Config.json", Contents = EmulatorConfiguration.Of(bus.Resource).ToJsonString() }]));
        return bus;
    }
}
