using Azure.Core;
using Azure.Provisioning.Expressions;

namespace Azure.Provisioning.Primitives;

public abstract class ProvisionableResource : NamedProvisionableConstruct
{
    protected ProvisionableResource(string bicepIdentifier, ResourceType resourceType, string? resourceVersion = null)
        : base(bicepIdentifier)
    {
        ResourceType = resourceType;
        ResourceVersion = resourceVersion;
    }

    public ResourceType ResourceType { get; }

    public string? ResourceVersion { get; set; }

    public bool IsExistingResource { get; protected set; }

    public IList<ProvisionableResource> DependsOn { get; } = [];

    public virtual ResourceNameRequirements GetResourceNameRequirements() =>
        new(1, 24, ResourceNameCharacters.LowercaseLetters);

    public virtual ProvisioningPlan Build(ProvisioningBuildOptions? options = null)
    {
        var infrastructure = ParentInfrastructure ?? new Infrastructure();
        if (ParentInfrastructure is null)
        {
            infrastructure.Add(this);
        }

        return infrastructure.Build(options);
    }

    protected internal override IEnumerable<BicepStatement> Compile()
    {
        var body = CompileBody();
        if (DependsOn.Count > 0)
        {
            var dependencies = new ArrayExpression([.. DependsOn.Select(resource => new IdentifierExpression(resource.BicepIdentifier))]);
            body = new ObjectExpression([.. body.Properties, new PropertyExpression("dependsOn", dependencies)]);
        }

        yield return new ResourceStatement(BicepIdentifier, new StringLiteralExpression($"{ResourceType}@{ResourceVersion}"), body)
        {
            Existing = IsExistingResource,
        };
    }

    protected internal override void Validate(ProvisioningBuildOptions? options = null)
    {
        if (ResourceVersion is null)
        {
            throw new InvalidOperationException($"{GetType().Name} {BicepIdentifier} needs a {nameof(ResourceVersion)}.");
        }

        // Of what exists already only the name is stated.
        if (!IsExistingResource)
        {
            base.Validate(options);
        }
    }

    protected ResourceReference<T> DefineResource<T>(
        string propertyName, string[]? bicepPath, bool isOutput = false, bool isRequired = false,
        T? defaultValue = default)
        where T : ProvisionableResource =>
        new(DefineProperty<string>(propertyName, bicepPath, isOutput, isRequired)) { Value = defaultValue };
}
