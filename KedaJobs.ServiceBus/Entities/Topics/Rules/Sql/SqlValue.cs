using System.Globalization;

namespace KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

/// <summary>What an expression can be.</summary>
internal enum SqlKind : byte
{
    /// <summary>No value: a property that is not there, or null. Everything computed from it is unknown too.</summary>
    Unknown,
    Integer,
    Real,
    Boolean,
    Text,
    Time,
    Duration,
    Id,

    /// <summary>A value of a type that no operator takes, such as binary.</summary>
    Other,
}

/// <summary>The value of an expression. Numbers, times and booleans take no memory of their own.</summary>
internal readonly struct SqlValue
{
    private readonly long _bits;
    private readonly object? _reference;

    private SqlValue(SqlKind kind, long bits, object? reference = null)
    {
        Kind = kind;
        _bits = bits;
        _reference = reference;
    }

    public static SqlValue Unknown => default;

    public SqlKind Kind { get; }

    public bool IsUnknown => Kind == SqlKind.Unknown;

    public bool IsNumber => Kind is SqlKind.Integer or SqlKind.Real;

    public long Integer => _bits;

    /// <summary>A number, whole or not.</summary>
    public double Real => Kind == SqlKind.Real ? BitConverter.Int64BitsToDouble(_bits) : _bits;

    public bool Boolean => _bits != 0;

    public string Text => (string)_reference!;

    public DateTime Time => new(_bits, DateTimeKind.Utc);

    public TimeSpan Duration => new(_bits);

    public Guid Id => (Guid)_reference!;

    public static SqlValue Of(long value) => new(SqlKind.Integer, value);

    public static SqlValue Of(double value) => new(SqlKind.Real, BitConverter.DoubleToInt64Bits(value));

    public static SqlValue Of(bool value) => new(SqlKind.Boolean, value ? 1 : 0);

    public static SqlValue Of(string? value) => value is null ? default : new(SqlKind.Text, 0, value);

    /// <summary>A time; one of unspecified kind is taken for UTC.</summary>
    public static SqlValue Of(DateTime value) =>
        new(SqlKind.Time, (value.Kind == DateTimeKind.Local ? value.ToUniversalTime() : value).Ticks);

    public static SqlValue Of(TimeSpan value) => new(SqlKind.Duration, value.Ticks);

    public static SqlValue Of(Guid value) => new(SqlKind.Id, 0, value);

    public static SqlValue OfOther() => new(SqlKind.Other, 0);

    /// <summary>A parameter's value; <see cref="SqlKind.Other"/> for what cannot be one.</summary>
    public static SqlValue Of(object? value) => value switch
    {
        null => default,
        string text => Of(text),
        char letter => Of(letter.ToString()),
        bool boolean => Of(boolean),
        long or int or short or sbyte or byte or ushort or uint => Of(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        ulong number => number <= long.MaxValue ? Of((long)number) : Of((double)number),
        double or float => Of(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        DateTime time => Of(time),
        DateTimeOffset time => Of(time.UtcDateTime),
        TimeSpan duration => Of(duration),
        Guid id => Of(id),
        Uri uri => Of(uri.OriginalString),
        _ => OfOther(),
    };

    /// <summary>The value as text, or null for an unknown one.</summary>
    public string? ToText() => Kind switch
    {
        SqlKind.Unknown => null,
        SqlKind.Integer => Integer.ToString(CultureInfo.InvariantCulture),
        SqlKind.Real => Real.ToString(CultureInfo.InvariantCulture),
        SqlKind.Boolean => Boolean ? "True" : "False",
        SqlKind.Text => Text,
        SqlKind.Time => Time.ToString("O", CultureInfo.InvariantCulture),
        SqlKind.Duration => Duration.ToString("c", CultureInfo.InvariantCulture),
        SqlKind.Id => Id.ToString(),
        _ => throw new FilterException("A value of this type has no text."),
    };

    public object? ToObject() => Kind switch
    {
        SqlKind.Unknown => null,
        SqlKind.Integer => Integer,
        SqlKind.Real => Real,
        SqlKind.Boolean => Boolean,
        SqlKind.Time => Time,
        SqlKind.Duration => Duration,
        SqlKind.Text or SqlKind.Id => _reference,
        _ => throw new FilterException("A value of this type cannot be copied to another property."),
    };
}
