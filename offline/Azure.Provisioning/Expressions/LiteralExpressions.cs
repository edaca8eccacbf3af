using System.Globalization;

namespace Azure.Provisioning.Expressions;

public abstract class LiteralExpression : BicepExpression
{
    protected LiteralExpression(object? value = null)
    {
        Value = value;
    }

    public object? Value { get; }
}

public class NullLiteralExpression() : LiteralExpression(null)
{
    internal override void Write(BicepWriter writer) => writer.Append("null");
}

public class BoolLiteralExpression(bool value) : LiteralExpression(value)
{
    public new bool Value { get; } = value;

    internal override void Write(BicepWriter writer) => writer.Append(Value ? "true" : "false");
}

public class IntLiteralExpression(int value) : LiteralExpression(value)
{
    public new int Value { get; } = value;

    internal override void Write(BicepWriter writer) => writer.Append(Value.ToString(CultureInfo.InvariantCulture));
}

public class StringLiteralExpression(string value) : LiteralExpression(value)
{
    public new string Value { get; } = value;

    internal override void Write(BicepWriter writer) => writer.Append('\'').Append(BicepWriter.Escape(Value)).Append('\'');
}

/// <summary>A whole number beyond 32 bits, which Bicep writes like any other.</summary>
internal sealed class LongLiteralExpression(long value) : LiteralExpression(value)
{
    internal override void Write(BicepWriter writer) => writer.Append(((long)Value!).ToString(CultureInfo.InvariantCulture));
}
