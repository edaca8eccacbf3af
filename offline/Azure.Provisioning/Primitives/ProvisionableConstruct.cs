using System.Runtime.CompilerServices;
using Azure.Provisioning.Expressions;

namespace Azure.Provisioning.Primitives;

public abstract class ProvisionableConstruct : Provisionable, IBicepValue
{
    private readonly OrderedDictionary<string, IBicepValue> _properties = [];
    private BicepValueReference? _self;
    private BicepExpression? _override;
    private bool _initialized;
    private bool _isReadOnly;

    protected ProvisionableConstruct()
    {
    }

    public Infrastructure? ParentInfrastructure { get; set; }

    public IDictionary<string, IBicepValue> ProvisionableProperties
    {
        get
        {
            Initialize();
            return _properties;
        }
    }

    BicepValueKind IBicepValue.Kind => _override is null ? BicepValueKind.Literal : BicepValueKind.Expression;

    BicepExpression? IBicepValue.Expression
    {
        get => _override;
        set => _override = value;
    }

    object? IBicepValue.LiteralValue => this;

    BicepValueReference? IBicepValue.Self
    {
        get => _self;
        set => _self = value;
    }

    BicepValueReference? IBicepValue.Source => null;

    bool IBicepValue.IsEmpty => _override is null && ProvisionableProperties.Values.All(property => property.IsOutput || property.IsEmpty);

    bool IBicepValue.IsOutput => _isReadOnly;

    bool IBicepValue.IsRequired => false;

    bool IBicepValue.IsSecure => false;

    public override IEnumerable<Provisionable> GetProvisionableResources() => [];

    BicepExpression IBicepValue.Compile() => CompileValue();

    void IBicepValue.Assign(IBicepValue source)
    {
        if (source.Kind == BicepValueKind.Literal)
        {
            throw new InvalidOperationException($"A {GetType().Name} takes the place of another through its property, not by assignment.");
        }

        _override = source.Compile();
    }

    void IBicepValue.SetReadOnly() => _isReadOnly = true;

    internal virtual BicepExpression? GetReference() => _override ?? _self?.GetReference();

    internal virtual BicepExpression CompileValue() => _override ?? CompileBody();

    internal ObjectExpression CompileBody()
    {
        var root = new Node();
        foreach (var property in ProvisionableProperties.Values)
        {
            if (property is { IsOutput: false, IsEmpty: false, Self.BicepPath: { } path })
            {
                root.Set(path, 0, property.Compile());
            }
        }

        return root.ToExpression();
    }

    /// <summary>The value of the property that calls; one line instead of a field and four lines of code for each of them.</summary>
    internal BicepValue<T> Value<T>([CallerMemberName] string name = "") => (BicepValue<T>)ProvisionableProperties[name];

    internal BicepList<T> List<T>([CallerMemberName] string name = "") => (BicepList<T>)ProvisionableProperties[name];

    internal BicepDictionary<T> Dictionary<T>([CallerMemberName] string name = "") => (BicepDictionary<T>)ProvisionableProperties[name];

    internal T Model<T>([CallerMemberName] string name = "")
        where T : ProvisionableConstruct => (T)ProvisionableProperties[name];

    internal void SetModel(ProvisionableConstruct value, [CallerMemberName] string name = "")
    {
        ((IBicepValue)value).Self = ProvisionableProperties[name].Self;
        _properties[name] = value;
    }

    protected internal override IEnumerable<BicepStatement> Compile() => [new ExpressionStatement(CompileValue())];

    protected internal override void Resolve(ProvisioningBuildOptions? options = null)
    {
        options ??= new ProvisioningBuildOptions();
        foreach (var resolver in options.InfrastructureResolvers)
        {
            resolver.ResolveProperties(this, options);
        }
    }

    protected internal override void Validate(ProvisioningBuildOptions? options = null)
    {
        foreach (var (name, property) in ProvisionableProperties)
        {
            if (property is { IsRequired: true, IsOutput: false, IsEmpty: true })
            {
                throw new InvalidOperationException($"{GetType().Name} definition is missing required property {name}");
            }
        }
    }

    protected void Initialize()
    {
        if (!_initialized)
        {
            _initialized = true;
            DefineProvisionableProperties();
        }
    }

    protected virtual void DefineProvisionableProperties()
    {
    }

    protected void OverrideWithExpression(BicepExpression reference) => _override = reference;

    protected BicepValue<T> DefineProperty<T>(string propertyName, string[]? bicepPath, bool isOutput = false, bool isRequired = false,
        bool isSecure = false, BicepValue<T>? defaultValue = null, string? format = null)
    {
        var property = new BicepValue<T>(new BicepValueReference(this, propertyName, bicepPath))
        {
            IsOutput = isOutput,
            IsRequired = isRequired,
            IsSecure = isSecure,
        };
        if (defaultValue is not null)
        {
            ((IBicepValue)property).Assign(defaultValue);
        }

        return Define(propertyName, property);
    }

    protected BicepList<T> DefineListProperty<T>(
        string propertyName, string[]? bicepPath, bool isOutput = false, bool isRequired = false) =>
        Define(propertyName, new BicepList<T>(new BicepValueReference(this, propertyName, bicepPath))
        {
            IsOutput = isOutput,
            IsRequired = isRequired,
        });

    protected BicepDictionary<T> DefineDictionaryProperty<T>(string propertyName, string[]? bicepPath, bool isOutput = false,
        bool isRequired = false) =>
        Define(propertyName, new BicepDictionary<T>(new BicepValueReference(this, propertyName, bicepPath))
        {
            IsOutput = isOutput,
            IsRequired = isRequired,
        });

    protected T DefineModelProperty<T>(string propertyName, string[]? bicepPath, bool isOutput = false, bool isRequired = false,
        bool isSecure = false, string? format = null)
        where T : ProvisionableConstruct, new() =>
        DefineModelProperty(propertyName, bicepPath, new T(), isOutput, isRequired, isSecure, format);

    protected T DefineModelProperty<T>(string propertyName, string[]? bicepPath, T value, bool isOutput = false, bool isRequired = false,
        bool isSecure = false, string? format = null)
        where T : ProvisionableConstruct
    {
        IBicepValue model = value;
        model.Self = new BicepValueReference(this, propertyName, bicepPath);
        if (isOutput)
        {
            model.SetReadOnly();
        }

        return Define(propertyName, value);
    }

    private protected T Define<T>(string propertyName, T property)
        where T : IBicepValue
    {
        _properties[propertyName] = property;
        return property;
    }

    // Several properties of the typed model share a nested object of the Bicep body ("properties").
    private sealed class Node
    {
        private readonly OrderedDictionary<string, object> _children = [];

        public void Set(IReadOnlyList<string> path, int depth, BicepExpression value)
        {
            if (depth == path.Count - 1)
            {
                _children[path[depth]] = value;
                return;
            }

            if (!_children.TryGetValue(path[depth], out var child) || child is not Node node)
            {
                _children[path[depth]] = node = new Node();
            }

            node.Set(path, depth + 1, value);
        }

        public ObjectExpression ToExpression() => new([.. _children.Select(child => new PropertyExpression(
            child.Key, child.Value is Node node ? node.ToExpression() : (BicepExpression)child.Value))]);
    }
}
