namespace Azure.Provisioning.Expressions;

public abstract class BicepStatement
{
    protected BicepStatement()
    {
    }

    public override string ToString() => BicepWriter.Write(this);

    internal abstract void Write(BicepWriter writer);
}

public class ParameterStatement(string name, BicepExpression type, BicepExpression? defaultValue) : BicepStatement
{
    public IList<DecoratorExpression> Decorators { get; } = [];

    public string Name { get; } = name;

    public BicepExpression Type { get; } = type;

    public BicepExpression? DefaultValue { get; } = defaultValue;

    internal override void Write(BicepWriter writer)
    {
        writer.AppendDecorators(Decorators).Append("param ").Append(Name).Append(' ').Append(Type);
        if (DefaultValue is not null)
        {
            writer.Append(" = ").Append(DefaultValue);
        }
    }
}

public class VariableStatement(string name, BicepExpression value) : BicepStatement
{
    public IList<DecoratorExpression> Decorators { get; } = [];

    public string Name { get; } = name;

    public BicepExpression Value { get; } = value;

    internal override void Write(BicepWriter writer) =>
        writer.AppendDecorators(Decorators).Append("var ").Append(Name).Append(" = ").Append(Value);
}

public class OutputStatement(string name, BicepExpression type, BicepExpression value) : BicepStatement
{
    public IList<DecoratorExpression> Decorators { get; } = [];

    public string Name { get; } = name;

    public BicepExpression Type { get; } = type;

    public BicepExpression Value { get; } = value;

    internal override void Write(BicepWriter writer) =>
        writer.AppendDecorators(Decorators).Append("output ").Append(Name).Append(' ').Append(Type).Append(" = ").Append(Value);
}

public class ResourceStatement(string name, BicepExpression type, BicepExpression body) : BicepStatement
{
    public IList<DecoratorExpression> Decorators { get; } = [];

    public bool Existing { get; set; }

    public string Name { get; } = name;

    public BicepExpression Type { get; } = type;

    public BicepExpression Body { get; } = body;

    internal override void Write(BicepWriter writer) =>
        writer.AppendDecorators(Decorators).Append("resource ").Append(Name).Append(' ').Append(Type)
            .Append(Existing ? " existing = " : " = ").Append(Body);
}

public class ModuleStatement(string name, BicepExpression type, BicepExpression body) : BicepStatement
{
    public IList<DecoratorExpression> Decorators { get; } = [];

    public string Name { get; } = name;

    public BicepExpression Type { get; } = type;

    public BicepExpression Body { get; } = body;

    internal override void Write(BicepWriter writer) =>
        writer.AppendDecorators(Decorators).Append("module ").Append(Name).Append(' ').Append(Type).Append(" = ").Append(Body);
}

public class TargetScopeStatement(BicepExpression scope) : BicepStatement
{
    public BicepExpression Scope { get; } = scope;

    internal override void Write(BicepWriter writer) => writer.Append("targetScope = ").Append(Scope);
}

public class ExpressionStatement(BicepExpression expression) : BicepStatement
{
    public BicepExpression Expression { get; } = expression;

    internal override void Write(BicepWriter writer) => writer.Append(Expression);
}
