using KedaJobs.Contracts;
using KedaJobs.Jobs;
using KedaJobs.Worker.Handlers;

namespace KedaJobs.Tests.Worker.Handlers;

public class PrimesHandlerTests
{
    private static readonly JobContext Job = new("job", 1);

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 2)]
    [InlineData(25, 9)]
    [InlineData(100, 25)]
    [InlineData(524_290, 43_390)] // just beyond the first window
    [InlineData(1_000_000, 78_498)]
    [InlineData(10_000_000, 664_579)]
    public async Task CountsPrimes(int upTo, int expected)
    {
        var output = await new PrimesHandler().HandleAsync(new PrimesInput { UpTo = upTo, List = 0 }, Job, default);

        Assert.Equal((upTo, expected), (output.UpTo, output.Count));
        Assert.Empty(output.Largest);
    }

    [Fact]
    public async Task Agrees_with_trial_division()
    {
        var output = await new PrimesHandler().HandleAsync(new PrimesInput { UpTo = 5_000, List = 1_000 }, Job, default);

        Assert.Equal(
            Enumerable.Range(2, 4_999).Where(number => Enumerable.Range(2, number - 2).All(divisor => number % divisor != 0)),
            output.Largest);
    }

    [Fact]
    public async Task Lists_the_largest_in_ascending_order()
    {
        var output = await new PrimesHandler().HandleAsync(new PrimesInput { UpTo = 100, List = 3 }, Job, default);

        Assert.Equal([83, 89, 97], output.Largest);
    }

    [Fact]
    public async Task Stops_when_cancelled() => await Assert.ThrowsAsync<OperationCanceledException>(
        () => new PrimesHandler().HandleAsync(new PrimesInput { UpTo = PrimesInput.Highest }, Job, new CancellationToken(canceled: true)));
}
