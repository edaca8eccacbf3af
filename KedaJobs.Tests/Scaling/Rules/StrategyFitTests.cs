using KedaJobs.Scaling.Rules;

namespace KedaJobs.Tests.Scaling.Rules;

public class StrategyFitTests
{
    [Theory]
    [InlineData(ScalingStrategy.Default, Completion.Late, true)]
    [InlineData(ScalingStrategy.Default, Completion.Early, false)]
    [InlineData(ScalingStrategy.Accurate, Completion.Late, false)]
    [InlineData(ScalingStrategy.Accurate, Completion.Early, true)]
    [InlineData(ScalingStrategy.Eager, Completion.Late, false)]
    [InlineData(ScalingStrategy.Eager, Completion.Early, true)]
    [InlineData(ScalingStrategy.Custom, Completion.Late, true)]
    [InlineData(ScalingStrategy.Custom, Completion.Early, true)]
    public void Strategy_fits_or_is_named_with_a_cure(ScalingStrategy strategy, Completion completion, bool fits)
    {
        var problem = StrategyFit.Problem(strategy, completion);
        Assert.Equal(fits, problem is null);
        if (!fits)
        {
            Assert.StartsWith($"strategy {strategy.ToString().ToLowerInvariant()} does not fit", problem, StringComparison.Ordinal);
            Assert.Contains("; use ", problem, StringComparison.Ordinal);
        }
    }
}
