using System.Collections.Concurrent;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Eventing;

public interface IDistributedApplicationEvent;

public interface IDistributedApplicationResourceEvent : IDistributedApplicationEvent
{
    IResource Resource { get; }
}

public enum EventDispatchBehavior
{
    BlockingSequential = 0,
    BlockingConcurrent = 1,
    NonBlockingSequential = 2,
    NonBlockingConcurrent = 3,
}

public interface IDistributedApplicationEventing
{
    DistributedApplicationEventSubscription Subscribe<T>(Func<T, CancellationToken, Task> callback) where T : IDistributedApplicationEvent;

    DistributedApplicationEventSubscription Subscribe<T>(IResource resource, Func<T, CancellationToken, Task> callback) where T : IDistributedApplicationResourceEvent;

    void Unsubscribe(DistributedApplicationEventSubscription subscription);

    Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default) where T : IDistributedApplicationEvent;

    Task PublishAsync<T>(T @event, EventDispatchBehavior dispatchBehavior, CancellationToken cancellationToken = default) where T : IDistributedApplicationEvent;
}

public class DistributedApplicationEventSubscription(Func<IDistributedApplicationEvent, CancellationToken, Task> callback)
{
    public Func<IDistributedApplicationEvent, CancellationToken, Task> Callback { get; } = callback;
}

public class DistributedApplicationResourceEventSubscription(IResource? resource, Func<IDistributedApplicationResourceEvent, CancellationToken, Task> callback)
    : DistributedApplicationEventSubscription((@event, cancellationToken) => callback((IDistributedApplicationResourceEvent)@event, cancellationToken))
{
    public IResource? Resource { get; } = resource;
}

public class DistributedApplicationEventing : IDistributedApplicationEventing
{
    private readonly ConcurrentDictionary<DistributedApplicationEventSubscription, Type> _types = new();
    private readonly ConcurrentDictionary<Type, List<DistributedApplicationEventSubscription>> _subscriptions = new();

    public DistributedApplicationEventSubscription Subscribe<T>(Func<T, CancellationToken, Task> callback) where T : IDistributedApplicationEvent
    {
        ArgumentNullException.ThrowIfNull(callback);
        return Add<T>(new DistributedApplicationEventSubscription((@event, cancellationToken) => callback((T)@event, cancellationToken)));
    }

    public DistributedApplicationEventSubscription Subscribe<T>(IResource resource, Func<T, CancellationToken, Task> callback) where T : IDistributedApplicationResourceEvent
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(callback);
        return Add<T>(new DistributedApplicationResourceEventSubscription(resource, (@event, cancellationToken) =>
            ReferenceEquals(@event.Resource, resource) ? callback((T)@event, cancellationToken) : Task.CompletedTask));
    }

    public void Unsubscribe(DistributedApplicationEventSubscription subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        if (_types.TryRemove(subscription, out var type) && _subscriptions.TryGetValue(type, out var list))
        {
            lock (list)
            {
                list.Remove(subscription);
            }
        }
    }

    public Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default) where T : IDistributedApplicationEvent =>
        PublishAsync(@event, EventDispatchBehavior.BlockingSequential, cancellationToken);

    public Task PublishAsync<T>(T @event, EventDispatchBehavior dispatchBehavior, CancellationToken cancellationToken = default) where T : IDistributedApplicationEvent
    {
        ArgumentNullException.ThrowIfNull(@event);
        DistributedApplicationEventSubscription[] handlers = [];
        if (_subscriptions.TryGetValue(typeof(T), out var list))
        {
            lock (list)
            {
                handlers = [.. list];
            }
        }

        switch (dispatchBehavior)
        {
            case EventDispatchBehavior.BlockingSequential:
                return InTurnAsync(handlers, @event, cancellationToken);
            case EventDispatchBehavior.BlockingConcurrent:
                return Task.WhenAll(handlers.Select(h => OneAsync(h, @event, cancellationToken)));
            case EventDispatchBehavior.NonBlockingSequential:
                Observe(InTurnAsync(handlers, @event, cancellationToken), @event);
                return Task.CompletedTask;
            default:
                // Every handler runs inline up to its first real await; the rest goes on by itself.
                foreach (var handler in handlers)
                {
                    Observe(OneAsync(handler, @event, cancellationToken), @event);
                }

                return Task.CompletedTask;
        }
    }

    /// <summary>Told of what a handler throws that nobody waits for.</summary>
    internal Action<IDistributedApplicationEvent, Exception>? UnobservedFailure { get; set; }

    private void Observe(Task handlers, IDistributedApplicationEvent @event) => handlers.ContinueWith(
        (task, _) => UnobservedFailure?.Invoke(@event, task.Exception!.InnerException ?? task.Exception), state: null,
        CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    private DistributedApplicationEventSubscription Add<T>(DistributedApplicationEventSubscription subscription)
    {
        var list = _subscriptions.GetOrAdd(typeof(T), _ => []);
        lock (list)
        {
            list.Add(subscription);
        }

        _types[subscription] = typeof(T);
        return subscription;
    }

    private static async Task InTurnAsync(DistributedApplicationEventSubscription[] handlers, IDistributedApplicationEvent @event, CancellationToken cancellationToken)
    {
        foreach (var handler in handlers)
        {
            await handler.Callback(@event, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task OneAsync(DistributedApplicationEventSubscription handler, IDistributedApplicationEvent @event, CancellationToken cancellationToken) =>
        await handler.Callback(@event, cancellationToken).ConfigureAwait(false);
}
