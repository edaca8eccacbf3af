using System.Diagnostics;
using Azure.Messaging.ServiceBus.Diagnostics;

namespace Azure.Messaging.ServiceBus;

/// <summary>One run of a processor: as many receive-and-handle loops as calls may run at once.</summary>
internal sealed class MessagePump(
    ServiceBusReceiver receiver,
    bool autoComplete,
    TimeSpan maxRenewal,
    Func<ProcessMessageEventArgs, Task> processMessage,
    Func<ProcessErrorEventArgs, Task> processError)
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly object _gate = new();
    private readonly List<(Task Loop, CancellationTokenSource Ended)> _loops = [];
    private readonly List<Task> _retired = [];
    private readonly MessagingInstrumentation _instrumentation = new(receiver.FullyQualifiedNamespace, receiver.EntityPath);

    public void SetConcurrency(int count)
    {
        lock (_gate)
        {
            while (_loops.Count < count)
            {
                var ended = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
                _loops.Add((Task.Run(() => RunAsync(ended.Token), CancellationToken.None), ended));
            }

            while (_loops.Count > count)
            {
                var (loop, ended) = _loops[^1];
                ended.Cancel();
                _retired.RemoveAll(task => task.IsCompleted);
                _retired.Add(loop);
                _loops.RemoveAt(_loops.Count - 1);
            }
        }
    }

    public async Task StopAsync()
    {
        _stopping.Cancel();
        Task[] all;
        lock (_gate)
        {
            all = [.. _loops.Select(loop => loop.Loop), .. _retired];
        }

        await Task.WhenAll(all).ConfigureAwait(false);
    }

    private async Task RunAsync(CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            ServiceBusReceivedMessage message;
            try
            {
                message = await receiver.ReceiveMessageAsync(null, ended).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                await RaiseAsync(e, ServiceBusErrorSource.Receive).ConfigureAwait(false);

                // An error that is not retried (a missing queue, a refused token) comes at once: leave the service a moment.
                await Task.Delay(TimeSpan.FromSeconds(1), ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            if (message is not null)
            {
                await HandleAsync(message).ConfigureAwait(false);
            }
        }
    }

    private async Task HandleAsync(ServiceBusReceivedMessage message)
    {
        using var renewalEnded = new CancellationTokenSource();
        var renewal = RenewAsync(message, renewalEnded.Token);
        var source = ServiceBusErrorSource.ProcessMessageCallback;
        using var activity = _instrumentation.Start(
            "ServiceBusProcessor.ProcessMessage",
            ActivityKind.Consumer,
            "process",
            parent: MessagingInstrumentation.TraceParentOf(message.ApplicationProperties));
        try
        {
            await processMessage(new ProcessMessageEventArgs(message, receiver, _stopping.Token)).ConfigureAwait(false);
            if (autoComplete && receiver.ReceiveMode == ServiceBusReceiveMode.PeekLock && !message.IsSettled)
            {
                source = ServiceBusErrorSource.Complete;
                await receiver.CompleteMessageAsync(message, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            await RaiseAsync(e, source).ConfigureAwait(false);
            await AbandonAsync(message, e).ConfigureAwait(false);
        }
        finally
        {
            await renewalEnded.CancelAsync().ConfigureAwait(false);
            await renewal.ConfigureAwait(false);
        }
    }

    private async Task AbandonAsync(ServiceBusReceivedMessage message, Exception reason)
    {
        var lockIsLost = reason is ServiceBusException { Reason: ServiceBusFailureReason.MessageLockLost or ServiceBusFailureReason.SessionLockLost };
        if (receiver.ReceiveMode != ServiceBusReceiveMode.PeekLock || message.IsSettled || lockIsLost)
        {
            return;
        }

        try
        {
            await receiver.AbandonMessageAsync(message, null, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await RaiseAsync(e, ServiceBusErrorSource.Abandon).ConfigureAwait(false);
        }
    }

    private async Task RenewAsync(ServiceBusReceivedMessage message, CancellationToken ended)
    {
        if (receiver.ReceiveMode != ServiceBusReceiveMode.PeekLock || maxRenewal == TimeSpan.Zero)
        {
            return;
        }

        var start = Stopwatch.GetTimestamp();
        try
        {
            while (!ended.IsCancellationRequested)
            {
                var delay = LockRenewal.DelayUntilRenewal(message.LockedUntil, DateTimeOffset.UtcNow);
                if (maxRenewal != Timeout.InfiniteTimeSpan && Stopwatch.GetElapsedTime(start) + delay >= maxRenewal)
                {
                    return;
                }

                await Task.Delay(delay, ended).ConfigureAwait(false);
                if (message.IsSettled)
                {
                    return;
                }

                await receiver.RenewMessageLockAsync(message, ended).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // Handled.
        }
        catch (Exception e)
        {
            await RaiseAsync(e, ServiceBusErrorSource.RenewLock).ConfigureAwait(false);
        }
    }

    private async Task RaiseAsync(Exception exception, ServiceBusErrorSource source)
    {
        try
        {
            await processError(new ProcessErrorEventArgs(
                exception, source, receiver.FullyQualifiedNamespace, receiver.EntityPath, receiver.Identifier, _stopping.Token)).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The error handler is the last to be told; there is nobody to tell about its own errors.
        }
    }
}

internal static class LockRenewal
{
    private static readonly TimeSpan MaxReserve = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan TooLate = TimeSpan.FromMilliseconds(400);

    /// <summary>Half of what is left of the lock, but never later than 10 s before its end; at once when next to nothing is left.</summary>
    public static TimeSpan DelayUntilRenewal(DateTimeOffset lockedUntil, DateTimeOffset now)
    {
        var left = lockedUntil - now;
        if (left < TooLate)
        {
            return TimeSpan.Zero;
        }

        var reserve = left / 2 < MaxReserve ? left / 2 : MaxReserve;
        return left - reserve;
    }
}
