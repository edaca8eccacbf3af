using Azure.Provisioning.Expressions;

namespace Azure.Provisioning.Primitives;

/// <summary>Another Bicep file, deployed as a module of this one.</summary>
public class ModuleImport : NamedProvisionableConstruct
{
    public ModuleImport(string bicepIdentifier, BicepValue<string> path)
        : base(bicepIdentifier)
    {
        Path = path;
    }

    public BicepValue<string> Path { get; set; }

    public BicepValue<string> Name { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<string> Scope { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepDictionary<object> Parameters => Dictionary<object>();

    protected internal override IEnumerable<BicepStatement> Compile()
    {
        yield return new ModuleStatement(BicepIdentifier, Path.Compile(), CompileBody());
    }

    protected internal override void Validate(ProvisioningBuildOptions? options = null)
    {
        if (Path.IsEmpty)
        {
            throw new InvalidOperationException($"The module {BicepIdentifier} has no {nameof(Path)}.");
        }

        base.Validate(options);
    }

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<string>(nameof(Name), ["name"]);
        DefineProperty<string>(nameof(Scope), ["scope"]);
        DefineDictionaryProperty<object>(nameof(Parameters), ["params"]);
    }
}
