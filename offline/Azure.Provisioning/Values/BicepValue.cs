using Azure.Provisioning.Expressions;
using Azure.Provisioning.Primitives;

namespace Azure.Provisioning;

public abstract class BicepValue : IBicepValue
{
    private protected BicepValue(BicepValueReference? self)
    {
        Self = self;
    }

    public virtual bool IsEmpty => Kind == BicepValueKind.Unset;

    BicepValueKind IBicepValue.Kind => Kind;

    BicepExpression? IBicepValue.Expression
    {
        get => Expression;
        set
        {
            Expression = value;
            Kind = value is null ? BicepValueKind.Unset : BicepValueKind.Expression;
        }
    }

    object? IBicepValue.LiteralValue => LiteralValue;

    BicepValueReference? IBicepValue.Self
    {
        get => Self;
        set => Self = value;
    }

    BicepValueReference? IBicepValue.Source => Source;

    bool IBicepValue.IsOutput => IsOutput;

    bool IBicepValue.IsRequired => IsRequired;

    bool IBicepValue.IsSecure => IsSecure;

    internal BicepValueReference? Self { get; set; }

    internal bool IsOutput { get; init; }

    internal bool IsRequired { get; init; }

    internal bool IsSecure { get; set; }

    internal BicepValueReference? Source { get; private set; }

    private protected BicepValueKind Kind { get; set; }

    private protected BicepExpression? Expression { get; set; }

    private protected abstract object? LiteralValue { get; }

    private bool IsReadOnly { get; set; }

    public static explicit operator BicepExpression(BicepValue value) => value.Compile();

    /// <summary>What is written for the value; the property itself by its path where nothing was set.</summary>
    public BicepExpression Compile() => Kind switch
    {
        BicepValueKind.Expression => Expression!,
        _ when Source?.GetReference() is { } source => source,
        BicepValueKind.Literal => CompileLiteral(),
        _ => Self?.GetReference() ?? new NullLiteralExpression(),
    };

    public override string ToString() => Compile().ToString();

    BicepExpression IBicepValue.Compile() => Compile();

    void IBicepValue.Assign(IBicepValue source) => AssignFrom(source);

    void IBicepValue.SetReadOnly() => IsReadOnly = true;

    private protected abstract BicepExpression CompileLiteral();

    private protected abstract void CopyLiteral(IBicepValue source);

    private protected void AssignFrom(IBicepValue source)
    {
        ThrowIfNotSettable();
        Source = source.Self;
        IsSecure |= source.IsSecure;
        Kind = source.Kind;
        Expression = source.Expression;
        if (Kind == BicepValueKind.Literal)
        {
            CopyLiteral(source);
        }
        else if (Kind == BicepValueKind.Unset && Source?.GetReference() is { } reference)
        {
            Kind = BicepValueKind.Expression;
            Expression = reference;
        }
    }

    private protected void Reset()
    {
        ThrowIfNotSettable();
        Kind = BicepValueKind.Unset;
        Expression = null;
        Source = null;
    }

    private protected void ThrowIfNotSettable()
    {
        if (IsOutput || IsReadOnly)
        {
            throw new InvalidOperationException($"Cannot assign to output value {Self?.PropertyName ?? GetType().Name}.");
        }
    }
}
