namespace KedaJobs.Contracts;

/// <summary>.NET types in the words of somebody who writes JSON.</summary>
internal static class JsonKind
{
    public static string Of(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var text when text == typeof(string) => "text",
        var boolean when boolean == typeof(bool) => "true or false",
        var number when number == typeof(int) || number == typeof(long) => "a whole number",
        var number when number == typeof(double) || number == typeof(decimal) => "a number",
        var other => other.Name,
    };
}
