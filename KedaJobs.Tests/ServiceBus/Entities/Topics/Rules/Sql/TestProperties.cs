using KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

namespace KedaJobs.Tests.ServiceBus.Entities.Topics.Rules.Sql;

/// <summary>The properties that all cases of the tables see.</summary>
internal sealed class TestProperties : IPropertySource
{
    private static readonly Dictionary<string, object?> User = new(StringComparer.OrdinalIgnoreCase)
    {
        ["color"] = "red",
        ["quantity"] = 10,
        ["price"] = 2.5,
        ["big"] = long.MaxValue,
        ["yes"] = true,
        ["nothing"] = null,
        ["empty"] = "",
        ["percent"] = "100%",
        ["quote"] = "it's",
        ["data"] = new byte[] { 1 },
        ["HR-EmployeeID"] = "7",
        ["a]b"] = "bracket",
        ["Contoso & \"Northwind\""] = "quoted",
        ["größe"] = 3,
        ["at"] = new DateTime(2030, 1, 2, 0, 0, 0, DateTimeKind.Utc),
        ["before"] = new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc),
        ["span"] = TimeSpan.FromHours(24),
        ["id"] = new Guid("00000000-0000-0000-0000-000000000001"),
        ["which"] = "color",
        ["set"] = "not a keyword in a filter",
    };

    private static readonly Dictionary<SystemProperty, SqlValue> System = new()
    {
        [SystemProperty.Label] = SqlValue.Of("the bus is late"),
        [SystemProperty.To] = SqlValue.Of("Store5"),
        [SystemProperty.TimeToLive] = SqlValue.Of(TimeSpan.FromMinutes(1)),
    };

    public static TestProperties Instance { get; } = new();

    public bool TryGet(string name, out SqlValue value)
    {
        var found = User.TryGetValue(name, out var given);
        value = SqlValue.Of(given);
        return found;
    }

    public SqlValue Get(SystemProperty property) => System.GetValueOrDefault(property);
}
