using KedaJobs.Planner.Simulation;
using KedaJobs.Scaling.Simulation;

namespace KedaJobs.Planner.Sweep;

/// <summary>Settings with what they are compared by.</summary>
internal sealed record SweepPoint(Outcome Outcome, TimeSpan Wait, decimal Cost)
{
    /// <summary>Messages whose work was not done: lost, dead-lettered or left.</summary>
    public long NotDone => Outcome.Result.Arrived - Outcome.Result.Completed;
}

/// <summary>The settings that no others beat.</summary>
internal static class ParetoFront
{
    /// <summary>
    /// From the shortest wait and highest cost to the longest wait and lowest cost. Settings that leave more undone than others would look
    /// cheap: only those that leave the least are compared.
    /// </summary>
    public static IReadOnlyList<SweepPoint> Of(IEnumerable<Outcome> outcomes, PriceTable prices)
    {
        var points = outcomes.Select(outcome => new SweepPoint(outcome, outcome.Result.Wait.Percentile(0.95), outcome.Cost(prices)))
            .ToList();
        var least = points.Min(point => point.NotDone);
        var front = new List<SweepPoint>();
        foreach (var point in points.Where(point => point.NotDone == least).OrderBy(point => point.Wait).ThenBy(point => point.Cost))
        {
            if (front.Count == 0 || point.Cost < front[^1].Cost)
            {
                front.Add(point);
            }
        }

        return front;
    }
}
