using Aspire.Hosting.ApplicationModel;
using Azure.Provisioning;
using Azure.Provisioning.AppContainers;
using Azure.Provisioning.Expressions;
using Azure.Provisioning.Resources;

namespace Aspire.Hosting.Azure.AppContainers;

/// <summary>Writes one resource of the model as an application, or as a job if it was declared to be one.</summary>
internal sealed class ContainerAppContext
{
    private readonly IResource _resource;
    private readonly ContainerAppEnvironmentContext _environment;
    private readonly ResourceConfiguration _configuration;
    private readonly bool _isJob;

    // Kept from the first time that the module is written, as the real publisher does: the second time they are not added in their place
    // but, with everything that is missing, at the end.
    private (ProvisioningParameter Server, ProvisioningParameter Identity)? _registry;

    private ContainerAppContext(
        IResource resource, ContainerAppEnvironmentContext environment, ResourceConfiguration configuration, bool isJob)
    {
        _resource = resource;
        _environment = environment;
        _configuration = configuration;
        _isJob = isJob;
        Endpoints = isJob ? ContainerAppEndpoints.None : ContainerAppEndpoints.Of(resource);
    }

    public ContainerAppEndpoints Endpoints { get; }

    /// <summary>The registry and the identity that reads from it come with an image that is built for this deployment.</summary>
    private bool BuildsImage => _resource is ProjectResource;

    public static async Task<ContainerAppContext> CreateAsync(IResource resource, ContainerAppEnvironmentContext environment,
        DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken)
    {
        var isJob = resource.HasAnnotationOfType<AzureContainerAppJobCustomizationAnnotation>();
        if (isJob && resource.HasAnnotationOfType<AzureContainerAppCustomizationAnnotation>())
        {
            throw new InvalidOperationException($"Resource '{resource.Name}' cannot be both an Azure Container App and a job.");
        }

        if (resource.HasAnnotationOfType<ContainerMountAnnotation>() || resource.HasAnnotationOfType<ProbeAnnotation>())
        {
            throw new NotSupportedException(
                $"Resource '{resource.Name}' has mounts or probes, which the stand-in for Azure Container Apps does not publish.");
        }

        var configuration = await ResourceConfiguration.GatherAsync(resource, executionContext, cancellationToken).ConfigureAwait(false);
        return new ContainerAppContext(resource, environment, configuration, isJob);
    }

    public void Declare(AzureResourceInfrastructure infrastructure)
    {
        var values = new BicepValues(infrastructure, _environment);
        values.Parameter(_environment.Environment.Output(EnvironmentOutputs.Domain));
        var environmentId = values.Parameter(_environment.Environment.Output(EnvironmentOutputs.Id));
        if (_isJob)
        {
            var job = DeclareJob(infrastructure, values, environmentId);
            foreach (var customization in _resource.Annotations.OfType<AzureContainerAppJobCustomizationAnnotation>().ToList())
            {
                customization.Configure(infrastructure, job);
            }
        }
        else
        {
            var app = DeclareApp(infrastructure, values, environmentId);
            foreach (var customization in _resource.Annotations.OfType<AzureContainerAppCustomizationAnnotation>().ToList())
            {
                customization.Configure(infrastructure, app);
            }
        }
    }

    private ContainerAppJob DeclareJob(AzureResourceInfrastructure infrastructure, BicepValues values, ProvisioningParameter environmentId)
    {
        var job = new ContainerAppJob(Infrastructure.NormalizeBicepIdentifier(_resource.Name))
        {
            Name = _resource.Name.ToLowerInvariant(),
            EnvironmentId = environmentId,
            Configuration = new() { TriggerType = ContainerAppJobTriggerType.Manual, ReplicaTimeout = 1800 },
            Template = new(),
            Identity = new(),
        };
        var container = DeclareContainer(values);
        var identity = AddIdentities(values, job.Identity, job.Configuration.Registries);
        AddConfiguration(values, container, job.Configuration.Secrets, identity);
        job.Template.Containers.Add(container);
        infrastructure.Add(job);
        return job;
    }

    private ContainerApp DeclareApp(AzureResourceInfrastructure infrastructure, BicepValues values, ProvisioningParameter environmentId)
    {
        var app = BuildsImage
            ? new ContainerApp(Infrastructure.NormalizeBicepIdentifier(_resource.Name), "2025-10-02-preview")
            : new ContainerApp(Infrastructure.NormalizeBicepIdentifier(_resource.Name));
        app.Name = _resource.Name.ToLowerInvariant();
        app.EnvironmentId = environmentId;
        app.Configuration = BuildsImage ? new DotNetAppConfiguration() : new ContainerAppConfiguration();
        app.Configuration.ActiveRevisionsMode = ContainerAppActiveRevisionsMode.Single;
        app.Template = new() { Scale = new() { MinReplicas = _resource.GetReplicaCount() } };
        app.Identity = new();

        var container = DeclareContainer(values);
        var identity = AddIdentities(values, app.Identity, app.Configuration.Registries);
        AddIngress(values, app.Configuration);
        AddConfiguration(values, container, app.Configuration.Secrets, identity);
        app.Template.Containers.Add(container);
        infrastructure.Add(app);
        return app;
    }

    private ContainerAppContainer DeclareContainer(BicepValues values)
    {
        if (BuildsImage)
        {
            _registry ??= (values.Parameter(_environment.Environment.Output(EnvironmentOutputs.RegistryEndpoint)),
                values.Parameter(_environment.Environment.Output(EnvironmentOutputs.RegistryIdentity)));
        }

        var container = new ContainerAppContainer { Image = Image(values), Name = _resource.Name.ToLowerInvariant() };
        if (_resource is ContainerResource { Entrypoint: { } entrypoint })
        {
            container.Command = [entrypoint];
        }

        return container;
    }

    private BicepValue<string> Image(BicepValues values)
    {
        if (BuildsImage)
        {
            return values.Parameter(new ContainerImageReference(_resource));
        }

        return _resource.TryGetContainerImageName(out var name)
            ? name
            : throw new InvalidOperationException($"Resource '{_resource.Name}' has no container image.");
    }

    /// <returns>The identity that the resource's own code signs in with.</returns>
    private IAppIdentityResource? AddIdentities(
        BicepValues values, ManagedServiceIdentity identity, BicepList<ContainerAppRegistryCredentials> registries)
    {
        var own = _resource.TryGetLastAnnotation<AppIdentityAnnotation>(out var annotation) ? annotation.IdentityResource : null;
        if (own is not null)
        {
            AddIdentity(identity, values.Parameter(own.Id));
        }

        if (_registry is var (server, reader))
        {
            registries.Add(new ContainerAppRegistryCredentials { Server = server, Identity = reader });
            AddIdentity(identity, reader);
        }

        return own;
    }

    private static void AddIdentity(ManagedServiceIdentity identity, ProvisioningParameter id)
    {
        identity.ManagedServiceIdentityType = ManagedServiceIdentityType.UserAssigned;
        identity.UserAssignedIdentities[BicepFunction.Interpolate($"{id}").Compile().ToString()] = new UserAssignedIdentityDetails();
    }

    private void AddIngress(BicepValues values, ContainerAppConfiguration configuration)
    {
        var additional = Endpoints.AdditionalPorts;
        if (Endpoints.Ingress is { } ingress)
        {
            configuration.Ingress = new ContainerAppIngressConfiguration
            {
                External = ingress.IsExternal,
                TargetPort = ingress.TargetPort is { } port ? port : AsInt(values.Parameter(new ContainerPortReference(_resource))),
                Transport = ingress.IsHttp2 ? ContainerAppIngressTransportMethod.Http2 : ContainerAppIngressTransportMethod.Http,
            };
        }
        else if (additional.Count > 0)
        {
            configuration.Ingress = new ContainerAppIngressConfiguration
            {
                External = false,
                TargetPort = additional[0],
                Transport = ContainerAppIngressTransportMethod.Tcp,
            };
            additional = additional[1..];
        }

        foreach (var port in additional)
        {
            configuration.Ingress.AdditionalPortMappings.Add(new IngressPortMapping { External = false, TargetPort = port });
        }
    }

    private void AddConfiguration(
        BicepValues values, ContainerAppContainer container, BicepList<ContainerAppWritableSecret> secrets, IAppIdentityResource? identity)
    {
        foreach (var (name, value) in _configuration.Environment)
        {
            container.Env.Add(Variable(name, values.Convert(value), secrets));
        }

        foreach (var argument in _configuration.Arguments)
        {
            container.Args.Add(values.Convert(argument).Value);
        }

        if (identity is not null)
        {
            container.Env.Add(
                new ContainerAppEnvironmentVariable { Name = "AZURE_CLIENT_ID", Value = values.Parameter(identity.ClientId) });
            container.Env.Add(
                new ContainerAppEnvironmentVariable { Name = "AZURE_TOKEN_CREDENTIALS", Value = "ManagedIdentityCredential" });
        }
    }

    // The name of a secret depends on the variable's alone, and the first value of a name is the one that is kept.
    private static ContainerAppEnvironmentVariable Variable(
        string name, (BicepValue<string> Value, bool IsSecret) converted, BicepList<ContainerAppWritableSecret> secrets)
    {
        if (!converted.IsSecret)
        {
            return new ContainerAppEnvironmentVariable { Name = name, Value = converted.Value };
        }

        var secret = name.Replace('_', '-').ToLowerInvariant();
        if (secrets.All(existing => existing.Value?.Name.Value != secret))
        {
            secrets.Add(new ContainerAppWritableSecret { Name = secret, Value = converted.Value });
        }

        return new ContainerAppEnvironmentVariable { Name = name, SecretRef = secret };
    }

    private static FunctionCallExpression AsInt(ProvisioningParameter parameter) =>
        new(new IdentifierExpression("int"), new IdentifierExpression(parameter.BicepIdentifier));

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
