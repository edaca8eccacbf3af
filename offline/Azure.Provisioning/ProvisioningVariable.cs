using Azure.Provisioning.Expressions;
using Azure.Provisioning.Primitives;

namespace Azure.Provisioning;

public class ProvisioningVariable : NamedProvisionableConstruct
{
    private BicepValue<object>? _value;

    public ProvisioningVariable(string bicepIdentifier, Type type)
        : this(bicepIdentifier, new TypeExpression(type), value: null)
    {
    }

    protected ProvisioningVariable(string bicepIdentifier, BicepExpression type, BicepValue<object>? value)
        : base(bicepIdentifier)
    {
        BicepType = type;
        _value = value;
    }

    public BicepExpression BicepType { get; }

    public string? Description { get; set; }

    /// <summary>The value; while it is not set, it compiles to the variable's identifier.</summary>
    public BicepValue<object> Value
    {
        get => _value ??= new BicepValue<object>(new BicepValueReference(this, nameof(Value)));
        set => Value.Assign(value);
    }

    protected internal override IEnumerable<BicepStatement> Compile()
    {
        var statement = new VariableStatement(BicepIdentifier, CompiledValue() ?? new NullLiteralExpression());
        Describe(statement.Decorators);
        yield return statement;
    }

    private protected BicepExpression? CompiledValue() => Value.IsEmpty ? null : Value.Compile();

    private protected void Describe(IList<DecoratorExpression> decorators)
    {
        if (Description is not null)
        {
            decorators.Add(new DecoratorExpression(
                new FunctionCallExpression(new IdentifierExpression("description"), new StringLiteralExpression(Description))));
        }
    }
}
