using System.Collections;
using Azure.Provisioning.Expressions;
using Azure.Provisioning.Primitives;

namespace Azure.Provisioning;

public class BicepList<T> : BicepValue, IList<BicepValue<T>>, IReadOnlyList<BicepValue<T>>
{
    private List<BicepValue<T>> _items = [];

    public BicepList()
        : this((IList<BicepValue<T>>?)null)
    {
    }

    public BicepList(IList<BicepValue<T>>? values)
        : base(null)
    {
        // An explicitly empty list is written as such, a list that nobody touched is not.
        Kind = BicepValueKind.Literal;
        _items.AddRange(values ?? []);
    }

    internal BicepList(BicepValueReference self)
        : base(self)
    {
    }

    public int Count => _items.Count;

    public bool IsReadOnly => IsOutput;

    private protected override object? LiteralValue => _items;

    public BicepValue<T> this[int index]
    {
        get => _items[index];
        set => Touch()[index] = value;
    }

    public static implicit operator BicepList<T>(ProvisioningVariable reference) =>
        new((BicepValueReference)null!)
        {
            Kind = BicepValueKind.Expression,
            Expression = new IdentifierExpression(reference.BicepIdentifier),
        };

    public void Add(BicepValue<T> item) => Touch().Add(item);

    public void Insert(int index, BicepValue<T> item) => Touch().Insert(index, item);

    public bool Remove(BicepValue<T> item) => Touch().Remove(item);

    public void RemoveAt(int index) => Touch().RemoveAt(index);

    public void Clear() => Touch().Clear();

    public void Assign(BicepList<T> source) => AssignFrom(source);

    public bool Contains(BicepValue<T> item) => _items.Contains(item);

    public int IndexOf(BicepValue<T> item) => _items.IndexOf(item);

    public void CopyTo(BicepValue<T>[] array, int arrayIndex) => _items.CopyTo(array, arrayIndex);

    public IEnumerator<BicepValue<T>> GetEnumerator() => _items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private protected override BicepExpression CompileLiteral() => new ArrayExpression([.. _items.Select(item => item.Compile())]);

    private protected override void CopyLiteral(IBicepValue source) => _items = [.. (List<BicepValue<T>>)source.LiteralValue!];

    private List<BicepValue<T>> Touch()
    {
        ThrowIfNotSettable();
        Kind = BicepValueKind.Literal;
        return _items;
    }
}
