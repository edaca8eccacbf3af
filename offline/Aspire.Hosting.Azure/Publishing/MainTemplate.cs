using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Pipelines;
using Azure.Provisioning;
using Azure.Provisioning.Expressions;
using Azure.Provisioning.Primitives;
using Azure.Provisioning.Resources;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.Azure;

/// <summary>
/// What <c>aspire publish</c> writes: <c>main.bicep</c> at subscription scope, which creates the resource group and deploys
/// every module into it, and a folder for each module. Modules of applications are written too, but deployed later: they need
/// images. What they need from here is an output.
/// </summary>
internal sealed class MainTemplate
{
    private readonly Infrastructure _main = new() { TargetScope = DeploymentScope.Subscription };
    private readonly Dictionary<ParameterResource, ProvisioningParameter> _parameters = [];
    private readonly OrderedDictionary<AzureBicepResource, ModuleImport> _modules = [];
    private readonly OrderedDictionary<string, BicepOutputReference> _outputs = [];
    private readonly string _folder;
    private readonly MainTemplateValues _values;

    private MainTemplate(string folder)
    {
        _folder = folder;
        _values = new MainTemplateValues(_parameters, _modules);
    }

    public static async Task WriteAsync(string folder, AzureEnvironmentResource environment, PipelineStepContext context)
    {
        var template = new MainTemplate(Directory.CreateDirectory(folder).FullName);
        var options = context.Services.GetRequiredService<IOptions<AzureProvisioningOptions>>().Value.ProvisioningBuildOptions;
        await template.DeclareAsync(context.Model, environment, context.CancellationToken).ConfigureAwait(false);
        var text = template._main.Build(options).Compile().Values.Single();
        await File.WriteAllTextAsync(Path.Combine(folder, $"{template._main.BicepName}.bicep"), text, context.CancellationToken)
            .ConfigureAwait(false);
    }

    private async Task DeclareAsync(
        DistributedApplicationModel model, AzureEnvironmentResource environment, CancellationToken cancellationToken)
    {
        var group = new ResourceGroup("rg")
        {
            Name = await ParameterAsync(environment.ResourceGroupName, cancellationToken).ConfigureAwait(false),
            Location = await ParameterAsync(environment.Location, cancellationToken).ConfigureAwait(false),
        };
        var principal = await ParameterAsync(environment.PrincipalId, cancellationToken).ConfigureAwait(false);
        foreach (var resource in model.Resources.OfType<AzureBicepResource>().Where(resource => !resource.IsExcludedFromPublish()).ToList())
        {
            WriteModule(resource.Name, resource);
            _modules.Add(
                resource, new ModuleImport(Infrastructure.NormalizeBicepIdentifier(resource.Name), $"{resource.Name}/{resource.Name}.bicep")
                {
                    Name = resource.Name,
                });
        }

        foreach (var resource in _modules.Keys)
        {
            foreach (var parameter in References([.. ExistingParts(resource), .. resource.Parameters.Values]).OfType<ParameterResource>())
            {
                await ParameterAsync(parameter, cancellationToken).ConfigureAwait(false);
            }
        }

        foreach (var (resource, module) in _modules)
        {
            module.Scope = resource.Scope is { } scope ? _values.Scope(scope) : new IdentifierExpression(group.BicepIdentifier);
            module.Parameters.Add(AzureBicepResource.KnownParameters.Location, _parameters[environment.Location]);
            foreach (var (name, value) in resource.Parameters)
            {
                module.Parameters.Add(name, value is null && IsPrincipal(name) ? principal : _values.Convert(value));
            }
        }

        CollectOutputs(model);
        _main.Add(group);
        foreach (var module in _modules.Values)
        {
            _main.Add(module);
        }

        foreach (var output in _outputs.Values)
        {
            _main.Add(new ProvisioningOutput(
                Infrastructure.NormalizeBicepIdentifier($"{output.Resource.Name}_{output.Name}"), typeof(string))
            {
                Value = _values.Output(output),
            });
        }
    }

    private void CollectOutputs(DistributedApplicationModel model)
    {
        foreach (var resource in model.Resources.ToList())
        {
            if (resource.GetDeploymentTargetAnnotation()?.DeploymentTarget is AzureBicepResource target)
            {
                WriteModule(resource.Name, target);
                Collect(target.Parameters.Values);
            }
            else if (resource is IResourceWithParameters other && !(resource is AzureBicepResource module && _modules.ContainsKey(module)))
            {
                Collect(other.Parameters.Values);
            }
        }

        void Collect(IEnumerable<object?> values)
        {
            foreach (var output in References(values).OfType<BicepOutputReference>())
            {
                _outputs.TryAdd(output.ValueExpression, output);
            }
        }
    }

    private void WriteModule(string name, AzureBicepResource resource)
    {
        var temporary = Directory.CreateTempSubdirectory("aspire-bicep");
        try
        {
            using var template = resource.GetBicepTemplateFile(temporary.FullName);
            var folder = Directory.CreateDirectory(Path.Combine(_folder, name));
            File.Copy(template.Path, Path.Combine(folder.FullName, $"{name}.bicep"), overwrite: true);
        }
        finally
        {
            temporary.Delete(recursive: true);
        }
    }

    private async Task<ProvisioningParameter> ParameterAsync(ParameterResource parameter, CancellationToken cancellationToken)
    {
        if (_parameters.TryGetValue(parameter, out var known))
        {
            return known;
        }

        var declared = new ProvisioningParameter(Infrastructure.NormalizeBicepIdentifier(parameter.Name), typeof(string))
        {
            IsSecure = parameter.Secret,
        };
        if (parameter is { Secret: false, Default: not null }
            && await parameter.GetValueAsync(cancellationToken).ConfigureAwait(false) is { } value)
        {
            declared.Value = value;
        }

        _parameters.Add(parameter, declared);
        _main.Add(declared);
        return declared;
    }

    private static IEnumerable<object?> ExistingParts(AzureBicepResource resource)
    {
        if (resource.TryGetLastAnnotation<ExistingAzureResourceAnnotation>(out var existing))
        {
            yield return existing.ResourceGroup;
            yield return existing.Name;
        }

        yield return resource.Scope?.ResourceGroup;
        yield return resource.Scope?.Subscription;
    }

    // The values, and what they refer to, depth first.
    private static List<object> References(IEnumerable<object?> values)
    {
        var found = new List<object>();
        var seen = new HashSet<object>();
        foreach (var value in values)
        {
            Visit(value);
        }

        return found;

        void Visit(object? value)
        {
            if (value is null || !seen.Add(value))
            {
                return;
            }

            found.Add(value);
            foreach (var reference in (value as IValueWithReferences)?.References ?? [])
            {
                Visit(reference);
            }
        }
    }

    private static bool IsPrincipal(string name) =>
        name == AzureBicepResource.KnownParameters.UserPrincipalId || name == AzureBicepResource.KnownParameters.PrincipalId;
}
