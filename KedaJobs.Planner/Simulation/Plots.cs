using System.Globalization;
using System.Text;
using KedaJobs.Scaling.Simulation;

namespace KedaJobs.Planner.Simulation;

/// <summary>Queue, executions, waiting time and cost over time as SVG that is readable on light and dark pages.</summary>
internal static class Plots
{
    private const int Width = 760;
    private const int PanelHeight = 150;
    private const int Left = 62;
    private const int Right = 12;
    private const int Top = 24;
    private const int Bottom = 22;
    private const int LegendRow = 20;
    private const int LegendSample = 34;
    private const int LegendGap = 20;

    /// <summary>What a character takes in the widest of the usual fonts.</summary>
    private const int LegendCharacter = 7;

    /// <summary>
    /// The colors, for a page or a picture to include once. Every line has its own dash pattern in addition to its color.
    /// </summary>
    public const string Style =
        """
        .plot text{font:12px system-ui,sans-serif;fill:#333}.plot .title{font-weight:600}
        .plot .grid{stroke:#d8d8d8;stroke-width:1}.plot .axis{stroke:#888;stroke-width:1}
        .plot .line{fill:none;stroke-width:1.8;stroke-linejoin:round}
        .plot .s0{stroke:#0b5cad}.plot .s1{stroke:#b3470b;stroke-dasharray:6 3}.plot .s2{stroke:#2a7a2a;stroke-dasharray:2 3}.plot .s3{stroke:#7a3aa0;stroke-dasharray:8 3 2 3}
        @media (prefers-color-scheme:dark){.plot text{fill:#ddd}.plot .grid{stroke:#3a3a3a}.plot .axis{stroke:#999}
        .plot .s0{stroke:#6db3ff}.plot .s1{stroke:#ffa05c}.plot .s2{stroke:#7fd67f}.plot .s3{stroke:#cf9bf0}}
        """;

    private const int Styles = 4;

    public static IReadOnlyList<(string Title, string Svg)> Panels(IReadOnlyList<Outcome> outcomes, PriceTable prices)
    {
        (string Title, Func<Outcome, IEnumerable<double>> Values, bool Smooth)[] panels =
        [
            ("Active messages in the queue", outcome => outcome.Result.Series.Select(point => point.Queue), false),
            ("Executions", outcome => outcome.Result.Series.Select(point => point.Executions), false),
            ("Longest wait, seconds", outcome => outcome.Result.Series.Select(point => point.WaitMax.TotalSeconds), false),
            ($"Cost so far, {prices.Currency}", outcome => CostSoFar(outcome, prices), true),
        ];
        return [.. panels.Select(panel => (panel.Title, Panel(panel.Title, outcomes, panel.Values)))];
    }

    /// <summary>All plots below each other, as a picture of its own.</summary>
    public static string Picture(IReadOnlyList<Outcome> outcomes, PriceTable prices)
    {
        var panels = Panels(outcomes, prices);
        var (entries, legend) = outcomes.Count > 1 ? Legend(outcomes) : ("", 0);
        var height = legend + (panels.Count * (PanelHeight + 8));
        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" "
                + $"height=\"{height}\">\n");
        svg.Append("<style>").Append(Style).Append("</style>\n");
        svg.Append(entries);
        foreach (var (index, panel) in panels.Index())
        {
            svg.Append(
                CultureInfo.InvariantCulture, $"<g transform=\"translate(0,{legend + (index * (PanelHeight + 8))})\">\n{panel.Svg}</g>\n");
        }

        return svg.Append("</svg>\n").ToString();
    }

    public static string Wrap(string content, int height = PanelHeight) => string.Create(CultureInfo.InvariantCulture,
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" viewBox=\"0 0 {Width} {height}\" role=\"img\">\n{content}</svg>\n");

    /// <summary>One entry for each line, in as many rows as they need, and the height of that.</summary>
    public static (string Svg, int Height) Legend(IReadOnlyList<Outcome> outcomes)
    {
        var legend = new StringBuilder();
        var (x, y) = (Left, LegendRow / 2);
        foreach (var (index, outcome) in outcomes.Index())
        {
            var width = LegendSample + (outcome.Scenario.Title.Length * LegendCharacter);
            if (x > Left && x + width > Width - Right)
            {
                (x, y) = (Left, y + LegendRow);
            }

            legend.Append(
                CultureInfo.InvariantCulture,
                $"<line class=\"line s{index % Styles}\" x1=\"{x}\" y1=\"{y}\" x2=\"{x + LegendSample - 6}\" y2=\"{y}\"/>");
            legend.Append(
                CultureInfo.InvariantCulture, $"<text x=\"{x + LegendSample}\" y=\"{y + 4}\">{Xml(outcome.Scenario.Title)}</text>\n");
            x += width + LegendGap;
        }

        return (legend.ToString(), y + (LegendRow / 2) + 6);
    }

    public static string Xml(string text) => System.Security.SecurityElement.Escape(text);

    private static string Panel(string title, IReadOnlyList<Outcome> outcomes, Func<Outcome, IEnumerable<double>> values)
    {
        var end = Math.Max(1, outcomes.Max(outcome => outcome.Result.Simulated.TotalSeconds));
        var lines = outcomes.Select(outcome => values(outcome).ToList()).ToList();
        var top = NiceStep(Math.Max(1e-9, lines.Max(line => line.DefaultIfEmpty().Max())) / 4);
        var most = top * Math.Max(1, Math.Ceiling(lines.Max(line => line.DefaultIfEmpty().Max()) / top));
        var (width, height) = (Width - Left - Right, PanelHeight - Top - Bottom);
        double X(double seconds) => Left + (seconds / end * width);
        double Y(double value) => Top + height - (value / most * height);

        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"title\" x=\"{Left}\" y=\"14\">{Xml(title)}</text>\n");
        for (var value = 0d; value <= most * 1.0001; value += top)
        {
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(value):0.#}\" y2=\"{Y(value):0.#}\"/>");
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text text-anchor=\"end\" x=\"{Left - 6}\" y=\"{Y(value) + 4:0.#}\">{Label(value)}</text>\n");
        }

        var step = TimeStep(end);
        for (var seconds = 0d; seconds <= end; seconds += step)
        {
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text text-anchor=\"{(X(seconds) > Width - 40 ? "end" : "middle")}\" x=\"{X(seconds):0.#}\" "
                    + $"y=\"{PanelHeight - 6}\">{TimeLabel(seconds, step)}</text>\n");
        }

        svg.Append(
            CultureInfo.InvariantCulture,
            $"<line class=\"axis\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(0):0.#}\" y2=\"{Y(0):0.#}\"/>\n");
        foreach (var (index, line) in lines.Index())
        {
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"line s{index % Styles}\" d=\"");
            var series = outcomes[index].Result.Series;
            foreach (var (place, value) in line.Index())
            {
                var to = place + 1 < series.Count ? series[place + 1].From : outcomes[index].Result.Simulated;
                svg.Append(
                    CultureInfo.InvariantCulture,
                    $"{(place == 0 ? 'M' : 'L')}{X(series[place].From.TotalSeconds):0.#} {Y(value):0.#}H{X(to.TotalSeconds):0.#}");
            }

            svg.Append("\"/>\n");
        }

        return svg.ToString();
    }

    // In proportion to what the replicas had until then: exact on the consumption plan.
    private static IEnumerable<double> CostSoFar(Outcome outcome, PriceTable prices)
    {
        var result = outcome.Result;
        var whole = (double)outcome.Cost(prices) / Math.Max(1e-9, result.ReplicaTime.TotalSeconds);
        var sum = 0d;
        foreach (var (index, point) in result.Series.Index())
        {
            var to = index + 1 < result.Series.Count ? result.Series[index + 1].From : result.Simulated;
            yield return sum += point.Replicas * (to - point.From).TotalSeconds * whole;
        }
    }

    private static string Label(double value) =>
        value >= 10_000
            ? (value / 1000).ToString("#,0.#", CultureInfo.InvariantCulture) + "k"
            : value.ToString("0.####", CultureInfo.InvariantCulture);

    private static string TimeLabel(double seconds, double step)
    {
        var (unit, name) = step switch { < 60 => (1, "s"), < 3600 => (60, "min"), < 86_400 => (3600, "h"), _ => (86_400, "d") };
        return string.Create(CultureInfo.InvariantCulture, $"{seconds / unit:0.#} {name}");
    }

    private static double NiceStep(double least)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        return power * (least / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
    }

    private static double TimeStep(double end)
    {
        double[] steps = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 21600, 43200, 86400];
        return steps.FirstOrDefault(step => end / step <= 10, Math.Ceiling(end / 864_000) * 86_400);
    }
}
