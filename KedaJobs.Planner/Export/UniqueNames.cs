using System.Globalization;

namespace KedaJobs.Planner.Export;

/// <summary>
/// Gives each thing a name of its own: names that differ in AppHost and Azure may become the same in the spelling of a target.
/// </summary>
/// <param name="reserved">Names that nothing gets.</param>
internal sealed class UniqueNames(params IEnumerable<string> reserved)
{
    private readonly Dictionary<object, string> _names = [];
    private readonly HashSet<string> _taken = new(reserved, StringComparer.Ordinal);

    /// <param name="thing">The thing.</param>
    /// <param name="wanted">The name that it gets, with _2 and so on where another thing has it.</param>
    /// <param name="separator">What stands before the number.</param>
    /// <returns>The same name for the same thing.</returns>
    public string Of(object thing, string wanted, char separator = '_')
    {
        if (_names.TryGetValue(thing, out var name))
        {
            return name;
        }

        name = wanted;
        for (var attempt = 2; !_taken.Add(name); attempt++)
        {
            name = string.Create(CultureInfo.InvariantCulture, $"{wanted}{separator}{attempt}");
        }

        _names.Add(thing, name);
        return name;
    }
}
