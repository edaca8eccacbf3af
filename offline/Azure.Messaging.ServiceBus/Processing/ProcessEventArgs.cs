namespace Azure.Messaging.ServiceBus;

public class ProcessMessageEventArgs : EventArgs
{
    private readonly ServiceBusReceiver _receiver;

    public ProcessMessageEventArgs(ServiceBusReceivedMessage message, ServiceBusReceiver receiver, CancellationToken cancellationToken)
        : this(message, receiver, receiver?.Identifier, cancellationToken)
    {
    }

    public ProcessMessageEventArgs(
        ServiceBusReceivedMessage message, ServiceBusReceiver receiver, string identifier, CancellationToken cancellationToken)
    {
        Message = message;
        _receiver = receiver;
        Identifier = identifier;
        CancellationToken = cancellationToken;
    }

    public ServiceBusReceivedMessage Message { get; }

    public CancellationToken CancellationToken { get; }

    public string Identifier { get; }

    public string FullyQualifiedNamespace => _receiver.FullyQualifiedNamespace;

    public string EntityPath => _receiver.EntityPath;

    public virtual Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        _receiver.CompleteMessageAsync(message, cancellationToken);

    public virtual Task AbandonMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object> propertiesToModify = null, CancellationToken cancellationToken = default) =>
        _receiver.AbandonMessageAsync(message, propertiesToModify, cancellationToken);

    public virtual Task DeferMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object> propertiesToModify = null, CancellationToken cancellationToken = default) =>
        _receiver.DeferMessageAsync(message, propertiesToModify, cancellationToken);

    public virtual Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object> propertiesToModify = null, CancellationToken cancellationToken = default) =>
        _receiver.DeadLetterMessageAsync(message, propertiesToModify, cancellationToken);

    public virtual Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        string deadLetterReason,
        string deadLetterErrorDescription = null,
        CancellationToken cancellationToken = default) =>
        _receiver.DeadLetterMessageAsync(message, deadLetterReason, deadLetterErrorDescription, cancellationToken);

    public virtual Task RenewMessageLockAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        _receiver.RenewMessageLockAsync(message, cancellationToken);
}

public sealed class ProcessErrorEventArgs : EventArgs
{
    public ProcessErrorEventArgs(
        Exception exception,
        ServiceBusErrorSource errorSource,
        string fullyQualifiedNamespace,
        string entityPath,
        CancellationToken cancellationToken)
        : this(exception, errorSource, fullyQualifiedNamespace, entityPath, string.Empty, cancellationToken)
    {
    }

    public ProcessErrorEventArgs(
        Exception exception,
        ServiceBusErrorSource errorSource,
        string fullyQualifiedNamespace,
        string entityPath,
        string identifier,
        CancellationToken cancellationToken)
    {
        Exception = exception;
        ErrorSource = errorSource;
        FullyQualifiedNamespace = fullyQualifiedNamespace;
        EntityPath = entityPath;
        Identifier = identifier;
        CancellationToken = cancellationToken;
    }

    public Exception Exception { get; }

    public ServiceBusErrorSource ErrorSource { get; }

    public string FullyQualifiedNamespace { get; }

    public string EntityPath { get; }

    public string Identifier { get; }

    public CancellationToken CancellationToken { get; }
}
