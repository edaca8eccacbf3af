using System.Text;
using KedaJobs.Scaling.Simulation;

namespace KedaJobs.Planner.Simulation;

/// <summary>One self-contained page: the table, the plots and what to know.</summary>
internal static class HtmlReport
{
    private const string PageStyle =
        """
        :root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:860px;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
        h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
        th,td{padding:.2rem .9rem;border-bottom:1px solid #ddd}td{white-space:nowrap}.wide{overflow-x:auto}@media (min-width:700px){th:first-child{white-space:nowrap}}td,th+th{text-align:right}th{text-align:left;font-weight:500}
        .note{border-left:4px solid #c77700;padding:.3rem .8rem;background:#fff6e5}footer{color:#666;font-size:.85rem;margin-top:2rem}svg{max-width:100%;height:auto}
        @media (prefers-color-scheme:dark){body{color:#ddd;background:#1b1b1b}th,td{border-color:#3a3a3a}.note{background:#332610}footer{color:#999}}
        """;

    public static string Write(IReadOnlyList<Outcome> outcomes, PriceTable prices)
    {
        // Titles have commas of their own; of several, the table's head tells which.
        var title = Plots.Xml(
            outcomes.Count == 1 ? $"Simulation: {outcomes[0].Scenario.Title}" : $"{outcomes.Count} simulations side by side");
        var page = new StringBuilder(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
            + $"content=\"width=device-width\">\n<title>{title}</title>\n");
        page.Append("<style>").Append(PageStyle).Append('\n').Append(Plots.Style).Append("</style>\n</head>\n<body>\n");
        page.Append($"<h1>{title}</h1>\n");
        foreach (var outcome in outcomes)
        {
            foreach (var note in outcome.Notes)
            {
                page.Append($"<p class=\"note\">{Plots.Xml(outcome.Scenario.Title)}: {Plots.Xml(note)}.</p>\n");
            }
        }

        page.Append("<div class=\"wide\"><table>\n<tr><th></th>")
            .AppendJoin("", outcomes.Select(outcome => $"<th>{Plots.Xml(outcome.Scenario.Title)}</th>"))
            .Append("</tr>\n");
        foreach (var (name, values) in ResultTable.Rows(outcomes, prices))
        {
            page.Append($"<tr><th>{Plots.Xml(name)}</th>").AppendJoin("", values.Select(value => $"<td>{Plots.Xml(value)}</td>"))
                .Append("</tr>\n");
        }

        page.Append("</table></div>\n<h2>Over time</h2>\n");
        if (outcomes.Count > 1)
        {
            var (entries, height) = Plots.Legend(outcomes);
            page.Append(Plots.Wrap(entries, height));
        }

        foreach (var (_, svg) in Plots.Panels(outcomes, prices))
        {
            page.Append(Plots.Wrap(svg));
        }

        return page.Append($"<footer>{Plots.Xml(ResultTable.Footer(prices))}</footer>\n</body>\n</html>\n").ToString();
    }
}
