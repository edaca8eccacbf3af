using KedaJobs.Scaling.Executions;

namespace KedaJobs.Hosting.Local.WhatIf;

/// <summary>The load of the last hour for a simulation: when messages arrived, and how the worker on this machine handled them.</summary>
internal sealed record MeasuredLoad
{
    /// <summary>Executions that are created within this time of each other belong to one poll.</summary>
    private static readonly TimeSpan OnePoll = TimeSpan.FromSeconds(0.5);

    /// <summary>The arrivals of each trigger, in the order of time; null for one whose arrivals are not observed.</summary>
    public required IReadOnlyList<IReadOnlyList<Arrival>?> Arrivals { get; init; }

    /// <summary>From a message's lock to its completion.</summary>
    public required IReadOnlyList<TimeSpan> Handling { get; init; }

    /// <summary>From the start of an execution to its first message, as far as that can be told.</summary>
    public required IReadOnlyList<TimeSpan> ColdStarts { get; init; }

    /// <summary>The maximum number of messages that an execution handled at the same time; null if none was seen.</summary>
    public required int? Concurrency { get; init; }

    /// <summary>Whether more messages arrived than are remembered.</summary>
    public bool IsCut { get; init; }

    public int Count => Arrivals.Sum(arrivals => arrivals?.Count ?? 0);

    /// <summary>When the first message came; null without any.</summary>
    public DateTimeOffset? Begin =>
        Arrivals.Where(arrivals => arrivals is { Count: > 0 }).Min(arrivals => (DateTimeOffset?)arrivals![0].At);

    /// <param name="loads">The triggers' loads, null for one that is not recorded.</param>
    /// <param name="executions">The executions that are remembered.</param>
    /// <param name="now">Now.</param>
    public static MeasuredLoad Of(IEnumerable<EntityLoad?> loads, IReadOnlyCollection<ExecutionState> executions, DateTimeOffset now)
    {
        var read = loads.Select(load => load?.Since(now)).ToList();
        var handled = read.SelectMany(load => load?.Handled ?? []).OrderBy(message => message.From).ToList();
        var concurrency = ConcurrencyOf(executions, handled);
        return new()
        {
            Arrivals = [.. read.Select(load => load?.Arrivals)],
            Handling = [.. handled.Select(message => message.To - message.From)],
            ColdStarts = ColdStartsOf(executions, handled, concurrency ?? 1),
            Concurrency = concurrency,
            IsCut = read.Exists(load => load?.IsCut is true),
        };
    }

    /// <summary>
    /// Which execution took a message is not known. So only executions count that began together while no other was there, and one more of
    /// them was ready when more messages were in hand than those before it take.
    /// </summary>
    private static List<TimeSpan> ColdStartsOf(IReadOnlyCollection<ExecutionState> executions, List<Handled> handled, int concurrency)
    {
        var times = new List<TimeSpan>();
        var busyUntil = DateTimeOffset.MinValue;
        foreach (var together in Together(executions.OrderBy(execution => execution.CreatedAt)))
        {
            var (begin, end) = (together[0].CreatedAt, together.Max(execution => execution.FinishedAt ?? DateTimeOffset.MaxValue));
            if (begin >= busyUntil)
            {
                var own = handled.SkipWhile(message => message.From < begin).TakeWhile(message => message.From <= end);
                times.AddRange(ReadyTimes(own, concurrency).Take(together.Count).Select(ready => ready - begin));
            }

            busyUntil = busyUntil > end ? busyUntil : end;
        }

        return times;
    }

    private static IEnumerable<DateTimeOffset> ReadyTimes(IEnumerable<Handled> handled, int concurrency)
    {
        var (inHand, ready) = (0, 0);
        foreach (var change in InOrder(handled.SelectMany(Changes)))
        {
            inHand += change.Messages;
            if (inHand > concurrency * ready)
            {
                ready++;
                yield return change.At;
            }
        }
    }

    private static IEnumerable<List<ExecutionState>> Together(IEnumerable<ExecutionState> inOrder)
    {
        var together = new List<ExecutionState>();
        foreach (var execution in inOrder)
        {
            if (together.Count > 0 && execution.CreatedAt - together[0].CreatedAt > OnePoll)
            {
                yield return together;
                together = [];
            }

            together.Add(execution);
        }

        if (together.Count > 0)
        {
            yield return together;
        }
    }

    /// <summary>Messages in hand for each execution that ran, at the moment when that was most.</summary>
    private static int? ConcurrencyOf(IEnumerable<ExecutionState> executions, List<Handled> handled)
    {
        var changes = InOrder(executions
            .SelectMany(execution => Changes(
                execution.CreatedAt, execution.FinishedAt ?? DateTimeOffset.MaxValue, 0, 3, executions: 1, messages: 0))
            .Concat(handled.SelectMany(Changes)));
        int? most = null;
        var (running, inHand) = (0, 0);
        foreach (var change in changes)
        {
            (running, inHand) = (running + change.Executions, inHand + change.Messages);
            if (running > 0 && inHand > 0)
            {
                most = Math.Max(most ?? 1, (inHand + running - 1) / running);
            }
        }

        return most;
    }

    // At one time, executions begin before messages are locked, and messages end before executions do.
    private static IEnumerable<(DateTimeOffset At, int Rank, int Executions, int Messages)> InOrder(
        IEnumerable<(DateTimeOffset At, int Rank, int Executions, int Messages)> changes) =>
        changes.OrderBy(change => change.At).ThenBy(change => change.Rank);

    private static (DateTimeOffset At, int Rank, int Executions, int Messages)[] Changes(Handled message) =>
        Changes(message.From, message.To, 2, 1, executions: 0, messages: 1);

    private static (DateTimeOffset At, int Rank, int Executions, int Messages)[] Changes(
        DateTimeOffset from, DateTimeOffset to, int rankOfBegin, int rankOfEnd, int executions, int messages) =>
        [(from, rankOfBegin, executions, messages), (to, rankOfEnd, -executions, -messages)];
}
