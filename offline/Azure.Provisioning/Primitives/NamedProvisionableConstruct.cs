using Azure.Provisioning.Expressions;

namespace Azure.Provisioning.Primitives;

public abstract class NamedProvisionableConstruct : ProvisionableConstruct
{
    private string _bicepIdentifier = "";

    protected NamedProvisionableConstruct(string bicepIdentifier)
    {
        BicepIdentifier = bicepIdentifier;
    }

    public string BicepIdentifier
    {
        get => _bicepIdentifier;
        set
        {
            Infrastructure.ValidateBicepIdentifier(value, nameof(value));
            _bicepIdentifier = value;
        }
    }

    internal override BicepExpression? GetReference() => ((IBicepValue)this).Expression ?? new IdentifierExpression(BicepIdentifier);

    internal override BicepExpression CompileValue() => GetReference()!;
}
