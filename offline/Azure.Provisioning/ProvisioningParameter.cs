using Azure.Provisioning.Expressions;

namespace Azure.Provisioning;

public class ProvisioningParameter : ProvisioningVariable
{
    public ProvisioningParameter(string bicepIdentifier, BicepExpression type)
        : base(bicepIdentifier, type, value: null)
    {
    }

    public ProvisioningParameter(string bicepIdentifier, Type type)
        : this(bicepIdentifier, new TypeExpression(type))
    {
    }

    public bool IsSecure { get; set; }

    protected internal override IEnumerable<BicepStatement> Compile()
    {
        var statement = new ParameterStatement(BicepIdentifier, BicepType, CompiledValue());
        Describe(statement.Decorators);
        if (IsSecure)
        {
            statement.Decorators.Add(new DecoratorExpression(new FunctionCallExpression(new IdentifierExpression("secure"))));
        }

        yield return statement;
    }
}
