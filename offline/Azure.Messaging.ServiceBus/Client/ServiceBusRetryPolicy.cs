using Azure.Messaging.ServiceBus.Transport;

namespace Azure.Messaging.ServiceBus;

public abstract class ServiceBusRetryPolicy
{
    /// <summary>How long operations hold back after the service said it is busy.</summary>
    private static readonly TimeSpan BusyPause = TimeSpan.FromSeconds(10);
    private long _busyUntil;

    public abstract TimeSpan CalculateTryTimeout(int attemptCount);

    public abstract TimeSpan? CalculateRetryDelay(Exception lastException, int attemptCount);

    internal async Task<TResult> RunAsync<TState, TResult>(
        Func<TState, TimeSpan, CancellationToken, Task<TResult>> operation,
        TState state,
        Func<bool> isDisposed,
        string entityPath,
        CancellationToken cancellationToken)
    {
        for (var failures = 0; ; failures++)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                throw new TaskCanceledException(null, null, cancellationToken);
            }

            var timeout = CalculateTryTimeout(failures);
            try
            {
                await WaitWhileBusyAsync(timeout, cancellationToken).ConfigureAwait(false);
                return await operation(state, timeout, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception thrown)
            {
                if (thrown is OperationCanceledException && cancellationToken.IsCancellationRequested)
                {
                    throw thrown as TaskCanceledException ?? new TaskCanceledException(thrown.Message, thrown, cancellationToken);
                }

                var exception = Errors.Translate(thrown);
                (exception as ServiceBusException)?.NameEntity(entityPath);
                if (exception is ServiceBusException { Reason: ServiceBusFailureReason.ServiceBusy })
                {
                    Interlocked.Exchange(ref _busyUntil, Environment.TickCount64 + (long)BusyPause.TotalMilliseconds);
                }

                if (isDisposed() || CalculateRetryDelay(exception, failures + 1) is not { } delay)
                {
                    if (ReferenceEquals(exception, thrown))
                    {
                        throw;
                    }

                    throw exception;
                }

                await Task.Delay(delay, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task WaitWhileBusyAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var left = TimeSpan.FromMilliseconds(Math.Max(0, Interlocked.Read(ref _busyUntil) - Environment.TickCount64));
        if (left == TimeSpan.Zero)
        {
            return;
        }

        await Task.Delay(left < timeout ? left : timeout, cancellationToken).ConfigureAwait(false);
        if (timeout < BusyPause)
        {
            throw new ServiceBusException("The service is busy; try again later.", ServiceBusFailureReason.ServiceBusy);
        }
    }
}

/// <summary>Fixed or exponential delays, with a little jitter, for errors that may pass.</summary>
internal sealed class BasicRetryPolicy(ServiceBusRetryOptions options) : ServiceBusRetryPolicy
{
    private const double Jitter = 0.08;

    public override TimeSpan CalculateTryTimeout(int attemptCount) => options.TryTimeout;

    public override TimeSpan? CalculateRetryDelay(Exception lastException, int attemptCount)
    {
        if (options.MaxRetries <= 0 || attemptCount > options.MaxRetries || options.MaxDelay == TimeSpan.Zero || !MayPass(lastException))
        {
            return null;
        }

        var seconds = options.Delay.TotalSeconds;
        var factor = options.Mode == ServiceBusRetryMode.Exponential ? Math.Pow(2, attemptCount) : 1;
        var delay = (factor * seconds) + (Random.Shared.NextDouble() * seconds * Jitter);
        return delay < options.MaxDelay.TotalSeconds ? TimeSpan.FromSeconds(delay) : options.MaxDelay;
    }

    private static bool MayPass(Exception exception) => exception switch
    {
        ServiceBusException e => e.IsTransient,
        TimeoutException or System.Net.Sockets.SocketException or IOException or UnauthorizedAccessException => true,
        _ => false,
    };
}
