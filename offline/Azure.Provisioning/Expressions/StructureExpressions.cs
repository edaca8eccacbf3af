namespace Azure.Provisioning.Expressions;

public class ArrayExpression(params BicepExpression[] values) : BicepExpression
{
    public BicepExpression[] Values { get; } = values;

    internal override void Write(BicepWriter writer) => writer.AppendBlock('[', Values, ']');
}

public class ObjectExpression(params PropertyExpression[] properties) : BicepExpression
{
    public PropertyExpression[] Properties { get; } = properties;

    internal override void Write(BicepWriter writer) => writer.AppendBlock('{', Properties, '}');
}

public class PropertyExpression(string name, BicepExpression value) : BicepExpression
{
    public string Name { get; } = name;

    public BicepExpression Value { get; } = value;

    internal override void Write(BicepWriter writer) => writer.Append(Key()).Append(": ").Append(Value);

    // A key that is already Bicep string syntax ('${identity}') stays as it is: that is how a key becomes an expression.
    private string Key()
    {
        if (Infrastructure.IsValidBicepIdentifier(Name) || (Name.Length > 1 && Name[0] == '\'' && Name[^1] == '\''))
        {
            return Name;
        }

        return $"'{BicepWriter.Escape(Name)}'";
    }
}
