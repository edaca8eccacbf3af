namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value that becomes known later; who asks before waits.</summary>
public sealed class ValueSnapshot<T>
{
    private readonly TaskCompletionSource<T> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Task<T>? _latest;

    public bool IsValueSet => _first.Task.IsCompleted;

    public Task<T> GetValueAsync(CancellationToken cancellationToken = default) => (_latest ?? _first.Task).WaitAsync(cancellationToken);

    public void SetValue(T value)
    {
        _latest = Task.FromResult(value);
        _first.TrySetResult(value);
    }

    public void SetException(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        _latest = Task.FromException<T>(exception);
        _first.TrySetException(exception);
    }

    internal T? ValueOrDefault => (_latest ?? _first.Task) is { IsCompletedSuccessfully: true } done ? done.Result : default;
}
