namespace Azure.Provisioning.Expressions;

public class InterpolatedStringExpression(BicepExpression[] values) : BicepExpression
{
    public BicepExpression[] Values { get; } = values;

    internal override void Write(BicepWriter writer)
    {
        writer.Append('\'');
        foreach (var value in Values)
        {
            if (value is StringLiteralExpression text)
            {
                writer.Append(BicepWriter.Escape(text.Value));
            }
            else
            {
                writer.Append("${").Append(value).Append('}');
            }
        }

        writer.Append('\'');
    }
}
