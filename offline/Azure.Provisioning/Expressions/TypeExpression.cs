using System.Collections;

namespace Azure.Provisioning.Expressions;

public class TypeExpression(Type type) : BicepExpression
{
    public Type Type { get; } = type;

    internal override void Write(BicepWriter writer) => writer.Append(Name(Nullable.GetUnderlyingType(Type) ?? Type));

    private static string Name(Type type)
    {
        if (type == typeof(bool))
        {
            return "bool";
        }

        if (type == typeof(int) || type == typeof(long))
        {
            return "int";
        }

        if (type == typeof(string) || type.IsValueType || type == typeof(Uri))
        {
            return "string";
        }

        if (typeof(IDictionary).IsAssignableFrom(type))
        {
            return "object";
        }

        return typeof(IEnumerable).IsAssignableFrom(type) ? "array" : "object";
    }
}
