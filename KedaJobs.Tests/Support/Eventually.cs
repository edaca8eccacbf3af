using System.Runtime.CompilerServices;

namespace KedaJobs.Tests.Support;

/// <summary>Waits for what must become true, and says what did not.</summary>
internal static class Eventually
{
    /// <summary>How long a check may take to pass on a slow machine; a passing test waits no longer than it needs.</summary>
    public static TimeSpan DefaultDeadline { get; } = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    /// <summary>Repeats the check until it no longer throws.</summary>
    /// <param name="reason">What is waited for; part of the failure.</param>
    /// <param name="check">Throws while it does not hold yet.</param>
    /// <param name="deadline">How long to try; <see cref="DefaultDeadline"/> if not given.</param>
    /// <param name="caller">Filled in by the compiler.</param>
    /// <exception cref="TimeoutException">With the reason and the last failure.</exception>
    public static async Task SucceedsAsync(
        string reason, Func<Task> check, TimeSpan? deadline = null, [CallerMemberName] string caller = "")
    {
        var limit = deadline ?? DefaultDeadline;
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await check();
                return;
            }
            catch (Exception failure)
            {
                if (TimeProvider.System.GetElapsedTime(start) > limit)
                {
                    throw new TimeoutException(
                        $"{caller}: not within {limit.TotalSeconds:0} s: {reason}. Last failure: {failure.Message}", failure);
                }
            }

            await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
        }
    }

    /// <inheritdoc cref="SucceedsAsync(string, Func{Task}, TimeSpan?, string)"/>
    public static Task SucceedsAsync(string reason, Action check, TimeSpan? deadline = null, [CallerMemberName] string caller = "") =>
        SucceedsAsync(
            reason,
            () =>
            {
                check();
                return Task.CompletedTask;
            },
            deadline,
            caller);

    /// <summary>Waits for a task that cannot be asked again.</summary>
    /// <exception cref="TimeoutException">With the reason.</exception>
    public static async Task<T> InTimeAsync<T>(
        string reason, Task<T> task, TimeSpan? deadline = null, [CallerMemberName] string caller = "")
    {
        var limit = deadline ?? DefaultDeadline;
        try
        {
            return await task.WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{caller}: not within {limit.TotalSeconds:0} s: {reason}.");
        }
    }
}
