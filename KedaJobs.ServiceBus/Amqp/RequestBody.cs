using System.Collections;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>The map of a management request: typed access that says what is missing.</summary>
internal sealed class RequestBody(AmqpMap map)
{
    public string Text(string key) => OptionalText(key) ?? throw Missing(key, "a string");

    public string? OptionalText(string key) => map[key] as string;

    public long Long(string key) => Number(map[key]) ?? throw Missing(key, "a number");

    public int Int(string key) => (int)Math.Clamp(Long(key), int.MinValue, int.MaxValue);

    public bool? OptionalBool(string key) => map[key] as bool?;

    public DateTime? OptionalTime(string key) => map[key] is DateTime time ? time.ToUniversalTime() : null;

    public byte[]? OptionalBinary(string key) => map[key] as byte[];

    public AmqpMap? OptionalMap(string key) => map[key] as AmqpMap;

    public long[] Longs(string key) => [.. Items(key).Select(item => Number(item) ?? throw Missing(key, "an array of numbers"))];

    public Guid[] Guids(string key) => [.. Items(key).Select(item => item is Guid token ? token : throw Missing(key, "an array of uuids"))];

    public IEnumerable<RequestBody> Maps(string key) =>
        Items(key).Select(item => item is AmqpMap entry ? new RequestBody(entry) : throw Missing(key, "a list of maps"));

    /// <summary>Clients send arrays, lists, and for one element sometimes the element itself.</summary>
    private IEnumerable<object?> Items(string key) => map[key] switch
    {
        null => throw Missing(key, "an array"),
        string or byte[] or AmqpMap => throw Missing(key, "an array"),
        IEnumerable items => items.Cast<object?>(),
        var single => [single],
    };

    private static long? Number(object? value) => value switch
    {
        long number => number,
        int number => number,
        uint number => number,
        ulong number => checked((long)number),
        short number => number,
        ushort number => number,
        byte number => number,
        sbyte number => number,
        _ => null,
    };

    private static RequestException Missing(string key, string what) =>
        new(400, Errors.ArgumentCondition, $"The request's body must have '{key}' as {what}.");
}
