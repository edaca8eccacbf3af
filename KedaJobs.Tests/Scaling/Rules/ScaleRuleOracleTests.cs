using CsCheck;
using KedaJobs.Scaling.Rules;

namespace KedaJobs.Tests.Scaling.Rules;

/// <summary>
/// The rule against a second reading of KEDA's source: one function that goes through a poll from the top to
/// the bottom, as <c>scale_jobs.go</c> does.
/// </summary>
public class ScaleRuleOracleTests
{
    private const int Polls = 50_000;

    [Fact]
    public void Rule_answers_as_the_oracle() => ScaleRuleProperties.Polls(Gen.OneOf("0.5", "0", "0.33", "2", "half", "", null)).Sample(
        poll =>
        {
            var decision = ScaleRule.Decide(poll);
            Assert.Equal(Oracle(poll), (decision.IsActive, decision.IsError, decision.QueueLength, decision.MaxScale, decision.Start));
        },
        iter: Polls);

    private static (bool IsActive, bool IsError, long QueueLength, long MaxScale, long Start) Oracle(ScalePoll poll)
    {
        var min = poll.Min ?? 0;
        var max = poll.Max ?? 100;
        if (poll.Min is not null && poll.Max is not null)
        {
            (min, max) = min <= max ? (min, max - min) : (max, max);
        }

        double length = 0, wanted = 0;
        var (active, failed) = (0, false);
        foreach (var trigger in poll.Triggers)
        {
            if (trigger.Error)
            {
                failed = true;
                continue;
            }

            if (trigger.Length <= trigger.Activation)
            {
                continue;
            }

            var own = trigger.Target == 0 ? 0 : Math.Min((double)trigger.Length / trigger.Target, max);
            if (poll.Calculation is "sum" or "avg")
            {
                length += trigger.Length;
                wanted += own;
                active++;
            }
            else if (poll.Calculation is "min" ? length == 0 || trigger.Length < length : trigger.Length > length)
            {
                (length, wanted, active) = (trigger.Length, own, 1);
            }
        }

        if (poll.Calculation is "avg" && active > 0)
        {
            (length, wanted) = (length / active, wanted / active);
        }

        var isActive = active > 0 || min > 0;
        var (queueLength, maxScale) = ((long)Math.Ceiling(length), (long)Math.Ceiling(Math.Min(wanted, max)));
        long effective, scaleTo = queueLength;
        if (poll.Running < min)
        {
            effective = scaleTo = min - poll.Running;
        }
        else
        {
            var running = poll.Running - min;
            var isNumber = double.TryParse(poll.Percentage, System.Globalization.CultureInfo.InvariantCulture, out var fraction);
            switch (poll.Strategy)
            {
                case "custom" when isNumber:
                    effective = Math.Min(maxScale - (poll.Deduction ?? 0) - (long)(running * fraction), max);
                    break;
                case "accurate":
                    effective = maxScale + running - poll.Pending > max ? max - running : maxScale - poll.Pending;
                    break;
                case "eager":
                    effective = Math.Min(max - running - poll.Pending, maxScale);
                    scaleTo = max;
                    break;
                default:
                    effective = maxScale - running;
                    break;
            }
        }

        return (isActive, failed, queueLength, maxScale, isActive && effective > 0 ? Math.Min(scaleTo, effective) : 0);
    }
}
