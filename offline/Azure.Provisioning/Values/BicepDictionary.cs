using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Azure.Provisioning.Expressions;
using Azure.Provisioning.Primitives;

namespace Azure.Provisioning;

public class BicepDictionary<T> : BicepValue, IDictionary<string, BicepValue<T>>
{
    private OrderedDictionary<string, BicepValue<T>> _items = [];

    public BicepDictionary()
        : this((IDictionary<string, BicepValue<T>>?)null)
    {
    }

    public BicepDictionary(IDictionary<string, BicepValue<T>>? values)
        : base(null)
    {
        Kind = BicepValueKind.Literal;
        foreach (var (key, value) in values ?? new Dictionary<string, BicepValue<T>>())
        {
            _items.Add(key, value);
        }
    }

    internal BicepDictionary(BicepValueReference self)
        : base(self)
    {
    }

    public int Count => _items.Count;

    public bool IsReadOnly => IsOutput;

    public ICollection<string> Keys => _items.Keys;

    public ICollection<BicepValue<T>> Values => _items.Values;

    private protected override object? LiteralValue => _items;

    public BicepValue<T> this[string key]
    {
        get => _items[key];
        set => Touch()[key] = value;
    }

    public static implicit operator BicepDictionary<T>(ProvisioningVariable reference) =>
        new((BicepValueReference)null!)
        {
            Kind = BicepValueKind.Expression,
            Expression = new IdentifierExpression(reference.BicepIdentifier),
        };

    public void Add(string key, BicepValue<T> value) => Touch().Add(key, value);

    public void Add(KeyValuePair<string, BicepValue<T>> item) => Add(item.Key, item.Value);

    public bool Remove(string key) => Touch().Remove(key);

    public bool Remove(KeyValuePair<string, BicepValue<T>> item) => Contains(item) && Remove(item.Key);

    public void Clear() => Touch().Clear();

    public void Assign(BicepDictionary<T> source) => AssignFrom(source);

    public bool ContainsKey(string key) => _items.ContainsKey(key);

    public bool Contains(KeyValuePair<string, BicepValue<T>> item) => _items.Contains(item);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out BicepValue<T> value) => _items.TryGetValue(key, out value);

    public void CopyTo(KeyValuePair<string, BicepValue<T>>[] array, int arrayIndex) =>
        ((ICollection<KeyValuePair<string, BicepValue<T>>>)_items).CopyTo(array, arrayIndex);

    public IEnumerator<KeyValuePair<string, BicepValue<T>>> GetEnumerator() => _items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private protected override BicepExpression CompileLiteral() =>
        new ObjectExpression([.. _items.Select(item => new PropertyExpression(item.Key, item.Value.Compile()))]);

    private protected override void CopyLiteral(IBicepValue source)
    {
        var items = new OrderedDictionary<string, BicepValue<T>>();
        foreach (var (key, value) in (OrderedDictionary<string, BicepValue<T>>)source.LiteralValue!)
        {
            items.Add(key, value);
        }

        _items = items;
    }

    private OrderedDictionary<string, BicepValue<T>> Touch()
    {
        ThrowIfNotSettable();
        Kind = BicepValueKind.Literal;
        return _items;
    }
}
