namespace Azure.Provisioning.Expressions;

public class BicepStringBuilder
{
    private readonly List<BicepExpression> _parts = [];

    public static implicit operator BicepValue<string>(BicepStringBuilder value) => value.Build();

    public BicepStringBuilder Append(string text)
    {
        _parts.Add(new StringLiteralExpression(text));
        return this;
    }

    public BicepStringBuilder Append(BicepExpression expression)
    {
        _parts.Add(expression);
        return this;
    }

    public BicepStringBuilder Append(BicepInterpolatedStringHandler handler)
    {
        _parts.Add(handler.Build().Compile());
        return this;
    }

    public BicepValue<string> Build()
    {
        var handler = new BicepInterpolatedStringHandler(0, _parts.Count);
        foreach (var part in _parts)
        {
            handler.AppendFormatted(part);
        }

        return handler.Build();
    }
}
