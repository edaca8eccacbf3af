using System.Diagnostics.CodeAnalysis;
using Azure.Provisioning.Expressions;
using Azure.Provisioning.Primitives;

namespace Azure.Provisioning;

public class Infrastructure(string bicepName = "main") : Provisionable
{
    private readonly List<Provisionable> _resources = [];

    public string BicepName { get; } = bicepName;

    public DeploymentScope? TargetScope { get; set; }

    public static bool IsValidBicepIdentifier([NotNullWhen(true)] string? bicepIdentifier) =>
        !string.IsNullOrEmpty(bicepIdentifier)
        && !char.IsAsciiDigit(bicepIdentifier[0])
        && bicepIdentifier.All(IsIdentifierCharacter);

    public static void ValidateBicepIdentifier(string? bicepIdentifier, string? paramName = null)
    {
        if (!IsValidBicepIdentifier(bicepIdentifier))
        {
            throw new ArgumentException(
                $"'{bicepIdentifier}' is no Bicep identifier: letters, digits and underscores, and no digit at its start.", paramName);
        }
    }

    public static string NormalizeBicepIdentifier(string? bicepIdentifier)
    {
        if (IsValidBicepIdentifier(bicepIdentifier))
        {
            return bicepIdentifier;
        }

        ArgumentException.ThrowIfNullOrEmpty(bicepIdentifier);
        var normalized = string.Concat(bicepIdentifier.Select(character => IsIdentifierCharacter(character) ? character : '_'));
        return char.IsAsciiDigit(normalized[0]) ? $"_{normalized}" : normalized;
    }

    /// <summary>Adds a resource, once: a second call does nothing.</summary>
    public virtual void Add(Provisionable resource)
    {
        if (_resources.Contains(resource))
        {
            return;
        }

        if (resource is ProvisionableConstruct construct)
        {
            construct.ParentInfrastructure?.Remove(construct);
            construct.ParentInfrastructure = this;
        }

        _resources.Add(resource);
    }

    public virtual void Remove(Provisionable resource)
    {
        _resources.Remove(resource);
        if (resource is ProvisionableConstruct construct)
        {
            construct.ParentInfrastructure = null;
        }
    }

    public override IEnumerable<Provisionable> GetProvisionableResources() => _resources;

    public virtual ProvisioningPlan Build(ProvisioningBuildOptions? options = null)
    {
        options ??= new ProvisioningBuildOptions();
        Resolve(options);
        Validate(options);
        return new ProvisioningPlan(this, options);
    }

    protected internal override void Resolve(ProvisioningBuildOptions? options = null)
    {
        options ??= new ProvisioningBuildOptions();
        foreach (var resolver in options.InfrastructureResolvers)
        {
            resolver.ResolveInfrastructure(this, options);
        }

        // A copy: resolving a location may add the parameter it comes from.
        foreach (var resource in _resources.ToList())
        {
            resource.Resolve(options);
        }
    }

    protected internal override void Validate(ProvisioningBuildOptions? options = null)
    {
        foreach (var name in _resources.OfType<NamedProvisionableConstruct>().GroupBy(resource => resource.BicepIdentifier))
        {
            // Bicep keeps outputs apart from everything else: an output may be named like a parameter.
            if (name.Count(resource => resource is not ProvisioningOutput) > 1
                || name.Count(resource => resource is ProvisioningOutput) > 1)
            {
                throw new InvalidOperationException($"The Bicep identifier '{name.Key}' is used more than once in '{BicepName}'.");
            }
        }

        foreach (var resource in _resources)
        {
            resource.Validate(options);
        }
    }

    protected internal override IEnumerable<BicepStatement> Compile() => Compile(new ProvisioningBuildOptions());

    protected internal IDictionary<string, IEnumerable<BicepStatement>> CompileModules(ProvisioningBuildOptions? options = null) =>
        new Dictionary<string, IEnumerable<BicepStatement>> { [BicepName] = Compile(options ?? new ProvisioningBuildOptions()) };

    private static bool IsIdentifierCharacter(char character) => char.IsAsciiLetterOrDigit(character) || character == '_';

    private IEnumerable<BicepStatement> Compile(ProvisioningBuildOptions options)
    {
        var statements = options.InfrastructureResolvers
            .Aggregate((IEnumerable<Provisionable>)_resources, (resources, resolver) => resolver.ResolveResources(resources, options))
            .SelectMany(resource => resource.Compile());
        return TargetScope is { } scope ? statements.Prepend(new TargetScopeStatement(Name(scope))) : statements;
    }

    private static string Name(DeploymentScope scope) => scope switch
    {
        DeploymentScope.ResourceGroup => "resourceGroup",
        DeploymentScope.Subscription => "subscription",
        DeploymentScope.ManagementGroup => "managementGroup",
        DeploymentScope.Tenant => "tenant",
        _ => throw new ArgumentOutOfRangeException(nameof(scope), scope, null),
    };
}
