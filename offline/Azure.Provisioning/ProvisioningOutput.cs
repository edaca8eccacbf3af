using Azure.Provisioning.Expressions;

namespace Azure.Provisioning;

public class ProvisioningOutput : ProvisioningVariable
{
    public ProvisioningOutput(string bicepIdentifier, BicepExpression type)
        : base(bicepIdentifier, type, value: null)
    {
    }

    public ProvisioningOutput(string bicepIdentifier, Type type)
        : this(bicepIdentifier, new TypeExpression(type))
    {
    }

    protected internal override IEnumerable<BicepStatement> Compile()
    {
        var value = CompiledValue() ?? throw new InvalidOperationException($"The output {BicepIdentifier} has no value.");
        var statement = new OutputStatement(BicepIdentifier, BicepType, value);
        Describe(statement.Decorators);
        yield return statement;
    }
}
