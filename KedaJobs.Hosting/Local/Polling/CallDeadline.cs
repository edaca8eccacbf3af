using System.Globalization;

namespace KedaJobs.Hosting.Local.Polling;

/// <summary>Ends the wait for a call that does not answer, even if it ignores its cancellation.</summary>
internal static class CallDeadline
{
    /// <summary>The time-out of KEDA's Service Bus client.</summary>
    public static TimeSpan Keda { get; } = TimeSpan.FromSeconds(3);

    /// <exception cref="TimeoutException">There was no answer in time.</exception>
    public static async Task<T> ApplyAsync<T>(
        Func<CancellationToken, Task<T>> call, TimeSpan limit, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(limit, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await call(either.Token).WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"There was no answer within {limit.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s.");
        }
    }
}
