using Aspire.Hosting.ApplicationModel;
using Azure.Provisioning;
using Azure.Provisioning.AppContainers;
using Azure.Provisioning.Expressions;
using Azure.Provisioning.Resources;

namespace Aspire.Hosting.Azure.AppContainers;

/// <summary>Writes one resource of the model as an application, or as a job if it was declared to be one.</summary>
internal sealed class ContainerAppContext(IResource resource, AzureContainerAppEnvironmentResource environment, ResourceConfiguration configuration)
{
    /// <summary>The registry and the identity that reads from it come with an image that is built for this deployment.</summary>
    private bool BuildsImage => resource is ProjectResource;

    public void Declare(AzureResourceInfrastructure infrastructure)
    {
        var jobs = resource.Annotations.OfType<AzureContainerAppJobCustomizationAnnotation>().ToList();
        var apps = resource.Annotations.OfType<AzureContainerAppCustomizationAnnotation>().ToList();
        environment.Output(EnvironmentOutputs.Domain).AsProvisioningParameter(infrastructure);
        var environmentId = environment.Output(EnvironmentOutputs.Id).AsProvisioningParameter(infrastructure);
        if (jobs.Count > 0)
        {
            var job = DeclareJob(infrastructure, environmentId);
            jobs.ForEach(customization => customization.Configure(infrastructure, job));
        }
        else
        {
            var app = DeclareApp(infrastructure, environmentId);
            apps.ForEach(customization => customization.Configure(infrastructure, app));
        }
    }

    private ContainerAppJob DeclareJob(AzureResourceInfrastructure infrastructure, ProvisioningParameter environmentId)
    {
        var job = new ContainerAppJob(Infrastructure.NormalizeBicepIdentifier(resource.Name))
        {
            Name = resource.Name.ToLowerInvariant(),
            EnvironmentId = environmentId,
            Configuration = new() { TriggerType = ContainerAppJobTriggerType.Manual, ReplicaTimeout = 1800 },
            Template = new(),
            Identity = new(),
        };
        var registry = Registry(infrastructure);
        var container = DeclareContainer(infrastructure, job.Identity, job.Configuration.Secrets, ports: null);
        job.Template.Containers.Add(container);
        AddRegistry(registry, job.Configuration.Registries, job.Identity);
        infrastructure.Add(job);
        return job;
    }

    private ContainerApp DeclareApp(AzureResourceInfrastructure infrastructure, ProvisioningParameter environmentId)
    {
        var app = BuildsImage
            ? new ContainerApp(Infrastructure.NormalizeBicepIdentifier(resource.Name), "2025-10-02-preview")
            : new ContainerApp(Infrastructure.NormalizeBicepIdentifier(resource.Name));
        app.Name = resource.Name.ToLowerInvariant();
        app.EnvironmentId = environmentId;
        app.Configuration = BuildsImage ? new DotNetAppConfiguration() : new ContainerAppConfiguration();
        app.Configuration.ActiveRevisionsMode = ContainerAppActiveRevisionsMode.Single;
        app.Template = new() { Scale = new() { MinReplicas = resource.GetReplicaCount() } };
        app.Identity = new();

        var registry = Registry(infrastructure);
        var ports = new ContainerPorts(resource, environment);
        var container = DeclareContainer(infrastructure, app.Identity, app.Configuration.Secrets, ports);
        app.Template.Containers.Add(container);
        ports.AddIngress(infrastructure, app.Configuration);
        AddRegistry(registry, app.Configuration.Registries, app.Identity);
        infrastructure.Add(app);
        return app;
    }

    private ContainerAppContainer DeclareContainer(AzureResourceInfrastructure infrastructure, ManagedServiceIdentity identity,
        BicepList<ContainerAppWritableSecret> secrets, ContainerPorts? ports)
    {
        var container = new ContainerAppContainer { Image = Image(infrastructure), Name = resource.Name.ToLowerInvariant() };
        var appIdentity = resource.TryGetLastAnnotation<AppIdentityAnnotation>(out var annotation) ? annotation.IdentityResource : null;
        if (appIdentity is not null)
        {
            AddIdentity(identity, appIdentity.Id.AsProvisioningParameter(infrastructure));
        }

        ports?.AddParameter(infrastructure);
        if (resource is ContainerResource { Entrypoint: { } entrypoint })
        {
            container.Command = [entrypoint];
        }

        var values = new BicepValues(infrastructure);
        foreach (var argument in configuration.Arguments)
        {
            container.Args.Add(values.Convert(argument).Value);
        }

        foreach (var (name, value) in configuration.Environment)
        {
            container.Env.Add(Variable(name, values.Convert(value), secrets));
        }

        if (appIdentity is not null)
        {
            container.Env.Add(new ContainerAppEnvironmentVariable
            {
                Name = "AZURE_CLIENT_ID",
                Value = appIdentity.ClientId.AsProvisioningParameter(infrastructure),
            });
            container.Env.Add(new ContainerAppEnvironmentVariable { Name = "AZURE_TOKEN_CREDENTIALS", Value = "ManagedIdentityCredential" });
        }

        return container;
    }

    private BicepValue<string> Image(AzureResourceInfrastructure infrastructure)
    {
        if (BuildsImage)
        {
            IManifestExpressionProvider image = new ContainerImageReference(resource);
            return image.AsProvisioningParameter(infrastructure);
        }

        return resource.TryGetContainerImageName(out var name)
            ? name
            : throw new InvalidOperationException($"Resource '{resource.Name}' has no container image.");
    }

    private (ProvisioningParameter Server, ProvisioningParameter Identity)? Registry(AzureResourceInfrastructure infrastructure) => BuildsImage
        ? (environment.Output(EnvironmentOutputs.RegistryEndpoint).AsProvisioningParameter(infrastructure),
            environment.Output(EnvironmentOutputs.RegistryIdentity).AsProvisioningParameter(infrastructure))
        : null;

    private static void AddRegistry((ProvisioningParameter Server, ProvisioningParameter Identity)? registry,
        BicepList<ContainerAppRegistryCredentials> registries, ManagedServiceIdentity identity)
    {
        if (registry is var (server, reader))
        {
            registries.Add(new ContainerAppRegistryCredentials { Server = server, Identity = reader });
            AddIdentity(identity, reader);
        }
    }

    private static void AddIdentity(ManagedServiceIdentity identity, ProvisioningParameter id)
    {
        identity.ManagedServiceIdentityType = ManagedServiceIdentityType.UserAssigned;
        identity.UserAssignedIdentities[BicepFunction.Interpolate($"{id}").Compile().ToString()] = new UserAssignedIdentityDetails();
    }

    private static ContainerAppEnvironmentVariable Variable(string name, (BicepValue<string> Value, bool IsSecret) converted,
        BicepList<ContainerAppWritableSecret> secrets)
    {
        if (!converted.IsSecret)
        {
            return new ContainerAppEnvironmentVariable { Name = name, Value = converted.Value };
        }

        var secret = name.Replace('_', '-').ToLowerInvariant();
        secrets.Add(new ContainerAppWritableSecret { Name = secret, Value = converted.Value });
        return new ContainerAppEnvironmentVariable { Name = name, SecretRef = secret };
    }

    /// <summary>Keys that protect cookies and tokens are shared by the replicas of a .NET application.</summary>
    private sealed class DotNetAppConfiguration : ContainerAppConfiguration
    {
        protected override void DefineProvisionableProperties()
        {
            base.DefineProvisionableProperties();
            DefineProperty<bool>("AutoConfigureDataProtection", ["runtime", "dotnet", "autoConfigureDataProtection"], defaultValue: true);
        }
    }
}
