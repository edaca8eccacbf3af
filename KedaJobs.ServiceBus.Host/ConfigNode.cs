using System.Text.Json;
using System.Xml;

namespace KedaJobs.ServiceBus.Host;

/// <summary>
/// A value of a configuration file with its place in it, for instance <c>UserConfig.Namespaces[0].Queues[2].Name</c>. What is wrong is
/// noted, and reading goes on, so that one run tells everything; what such a read returns is not used.
/// </summary>
internal sealed class ConfigNode(string path, JsonElement element, ConfigProblems problems)
{
    public string Path { get; } = path;

    /// <summary>Whether something was wrong with it.</summary>
    public bool IsRefused { get; private set; }

    public void Refuse(string problem)
    {
        IsRefused = true;
        problems.Add(Path, problem);
    }

    /// <summary>What was found wrong at a member that the options' validators name: "Property: what is wrong".</summary>
    public void Refuse(IEnumerable<string> named, Func<string, string> placeOf)
    {
        foreach (var problem in named)
        {
            var (property, text) = problem.IndexOf(": ", StringComparison.Ordinal) is var at and > 0
                ? (problem[..at], problem[(at + 2)..])
                : ("", problem);
            problems.Add($"{Path}{placeOf(property)}", text);
        }
    }

    /// <summary>The members of an object, of which each has one of the names, and none is there twice.</summary>
    public IReadOnlyDictionary<string, ConfigNode> Members(params string[] known)
    {
        var members = new Dictionary<string, ConfigNode>();
        if (element.ValueKind != JsonValueKind.Object)
        {
            Refuse($"Expected an object, found {Kind}. Write {{ \"{known[0]}\": ... }}.");
            return members;
        }

        foreach (var member in element.EnumerateObject())
        {
            if (!known.Contains(member.Name))
            {
                Refuse(Array.Find(known, name => name.Equals(member.Name, StringComparison.OrdinalIgnoreCase)) is { } right
                    ? $"Unknown member '{member.Name}'. Member names are case-sensitive: write \"{right}\"."
                    : $"Unknown member '{member.Name}'. Use {Or(known)}.");
            }
            else if (!members.TryAdd(member.Name, new ConfigNode($"{Path}.{member.Name}", member.Value, problems)))
            {
                Refuse($"'{member.Name}' is specified twice. Remove one.");
            }
        }

        return members;
    }

    /// <summary>A member of any name and its value.</summary>
    public IEnumerable<(string Name, ConfigNode Value)> AnyMembers()
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            Refuse($"Expected an object, found {Kind}. Write {{ \"name\": \"value\" }}.");
            return [];
        }

        return element.EnumerateObject().Select(member => (member.Name, new ConfigNode($"{Path}.{member.Name}", member.Value, problems)));
    }

    /// <summary>The entries of a list.</summary>
    public IReadOnlyList<ConfigNode> Items()
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            return [.. element.EnumerateArray().Select((item, index) => new ConfigNode($"{Path}[{index}]", item, problems))];
        }

        Refuse($"Expected a list, found {Kind}. Write [ ... ].");
        return [];
    }

    public bool IsText => element.ValueKind == JsonValueKind.String;

    public string Text()
    {
        if (!IsText)
        {
            Refuse($"Expected a string, found {Kind}. Write it in double quotes.");
            return "";
        }

        return element.GetString()!;
    }

    /// <summary>A string; null for an empty one or for null.</summary>
    public string? OptionalText() => element.ValueKind == JsonValueKind.Null || Text() is not { Length: > 0 } text ? null : text;

    /// <summary>A string that is not empty.</summary>
    public string SomeText()
    {
        if (IsText && element.GetString()!.Length == 0)
        {
            Refuse("The value is empty. Specify one, or remove the member.");
        }

        return Text();
    }

    public bool Boolean()
    {
        if (element.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            Refuse($"{Value} is neither true nor false. Write true or false, without quotes.");
            return false;
        }

        return element.GetBoolean();
    }

    public int Number()
    {
        if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt32(out var number))
        {
            Refuse($"{Value} is not a whole number. Write, for example, 10, without quotes.");
            return 0;
        }

        return number;
    }

    public TimeSpan Duration()
    {
        try
        {
            if (element.ValueKind == JsonValueKind.String)
            {
                return XmlConvert.ToTimeSpan(element.GetString()!);
            }
        }
        catch (Exception wrong) when (wrong is FormatException or OverflowException)
        {
            // Said below.
        }

        Refuse($"{Value} is not an ISO 8601 duration. Write, for example, \"PT1M\" for one minute.");
        return default;
    }

    /// <summary>One of these strings, exactly.</summary>
    public string OneOf(params string[] values)
    {
        if (element.ValueKind != JsonValueKind.String || !values.Contains(element.GetString()))
        {
            Refuse($"{Value} is not a known value. Use {Or(values)}.");
            return values[0];
        }

        return element.GetString()!;
    }

    /// <summary>A string, a number or a boolean.</summary>
    public object Scalar()
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                return element.GetString()!;
            case JsonValueKind.Number:
                return element.TryGetInt64(out var number) ? (object)number : element.GetDouble();
            case JsonValueKind.True or JsonValueKind.False:
                return element.GetBoolean();
            default:
                Refuse($"{Value} is neither a string, a number nor a boolean.");
                return "";
        }
    }

    private static string Or(string[] names) => names.Length == 1
        ? $"\"{names[0]}\""
        : $"{string.Join(", ", names[..^1].Select(name => $"\"{name}\""))} or \"{names[^1]}\"";

    private string Kind => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };

    private string Value => element.GetRawText() is { Length: <= 100 } text ? text : $"{element.GetRawText()[..100]}...";
}

/// <summary>What is wrong with a configuration file.</summary>
internal sealed class ConfigProblems
{
    private readonly List<string> _problems = [];

    public IReadOnlyList<string> All => _problems;

    public void Add(string path, string problem) => _problems.Add($"{path}: {problem}");
}
