using System.Globalization;
using System.Text;

namespace KedaJobs.Planner.Export.Terraform;

/// <summary>Builds HCL as <c>terraform fmt</c> leaves it: two spaces a level, the '=' of neighboring lines below each other.</summary>
internal sealed class Hcl
{
    private const string Indent = "  ";

    private readonly List<Line> _lines = [];

    /// <summary>A string literal.</summary>
    public static string Text(string value) => $"\"{Escape(value)}\"";

    /// <summary>A string with expressions in it, or the expression alone where it is all there is.</summary>
    public static string Text(DeployedText value, Func<DeployedValue, string> expression) => value.Parts switch
    {
        [DeployedValue only] => expression(only),
        _ => $"\"{value.Render(Escape, deployed => $"${{{expression(deployed)}}}")}\"",
    };

    public static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Boolean(bool value) => value ? "true" : "false";

    /// <summary>A list on one line.</summary>
    public static string List(IEnumerable<string> expressions) => $"[{string.Join(", ", expressions)}]";

    /// <summary>The key of an item in a map.</summary>
    public static string Key(string name) => Names.Identifier(name) == name ? name : Text(name);

    /// <summary>name = expression, aligned with its neighbors. Nothing if the expression is null.</summary>
    public Hcl Set(string name, string? expression)
    {
        if (expression is not null)
        {
            _lines.Add(new(name, expression));
        }

        return this;
    }

    /// <summary>name = { ... }, set apart by empty lines.</summary>
    public Hcl SetObject(string name, Hcl content) => Enclose($"{name} = {{", "}", content);

    /// <summary>name = [ ... ] with one item on each line, set apart by empty lines.</summary>
    public Hcl SetList(string name, IEnumerable<string> items)
    {
        var content = new Hcl();
        content._lines.AddRange(items.Select(item => new Line($"{item},")));
        return Enclose($"{name} = [", "]", content);
    }

    /// <summary>A block, set apart by empty lines. Nothing where the content is null.</summary>
    public Hcl Block(string header, Hcl? content) => content is null ? this : Enclose($"{header} {{", "}", content);

    /// <summary>A comment line before what comes next.</summary>
    public Hcl Comment(string text)
    {
        Separate();
        _lines.Add(new($"# {Omissions.OneLine(text)}"));
        return this;
    }

    /// <summary>All of another's content after what there is.</summary>
    public Hcl Append(Hcl other)
    {
        Separate();
        _lines.AddRange(other._lines);
        return this;
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var line in Align())
        {
            text.Append(line).Append('\n');
        }

        return text.ToString();
    }

    private static string Escape(string value) => value
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal)
        .Replace("\r", "\\r", StringComparison.Ordinal)
        .Replace("\t", "\\t", StringComparison.Ordinal)
        .Replace("${", "$${", StringComparison.Ordinal)
        .Replace("%{", "%%{", StringComparison.Ordinal);

    private Hcl Enclose(string header, string end, Hcl content)
    {
        Separate();
        var inner = content.Align().ToList();
        if (inner.Count == 0)
        {
            _lines.Add(new($"{header}{end}"));
            return this;
        }

        _lines.Add(new(header));
        _lines.AddRange(inner.Select(line => new Line(line.Length == 0 ? "" : Indent + line)));
        _lines.Add(new(end));
        return this;
    }

    private void Separate()
    {
        if (_lines.Count > 0 && !_lines[^1].Text.StartsWith('#'))
        {
            _lines.Add(new(""));
        }
    }

    private IEnumerable<string> Align()
    {
        for (var index = 0; index < _lines.Count; index++)
        {
            if (_lines[index].Expression is null)
            {
                yield return _lines[index].Text;
                continue;
            }

            // Settings that follow a block stand apart from it.
            if (index > 0 && _lines[index - 1].Text is "}" or "]")
            {
                yield return "";
            }

            var run = _lines.Skip(index).TakeWhile(line => line.Expression is not null).ToList();
            var width = run.Max(setting => setting.Text.Length);
            foreach (var setting in run)
            {
                yield return $"{setting.Text.PadRight(width)} = {setting.Expression}";
            }

            index += run.Count - 1;
        }
    }

    /// <summary>A line as it stands, or with an expression the name of a setting.</summary>
    private readonly record struct Line(string Text, string? Expression = null);
}
