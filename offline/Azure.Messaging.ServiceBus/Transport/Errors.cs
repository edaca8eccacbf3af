using System.Net.Sockets;
using Amqp;
using Amqp.Framing;

namespace Azure.Messaging.ServiceBus.Transport;

/// <summary>AMQP error conditions and transport failures as the exceptions that the .NET client throws for them.</summary>
internal static class Errors
{
    public const string LockLost = "com.microsoft:message-lock-lost";
    public const string MessageNotFound = "com.microsoft:message-not-found";
    public const string Timeout = "com.microsoft:timeout";

    public static Exception FromAmqp(Error error) => error is null
        ? new ServiceBusException(isTransient: true, "The service gave no reason.")
        : FromAmqp(error.Condition, error.Description ?? error.Condition);

    public static Exception FromAmqp(string condition, string description) => condition switch
    {
        Timeout => Reason(description, ServiceBusFailureReason.ServiceTimeout),
        ErrorCode.NotFound => Reason(description, ServiceBusFailureReason.MessagingEntityNotFound),
        ErrorCode.NotImplemented => new NotSupportedException(description),
        ErrorCode.NotAllowed => new InvalidOperationException(description),
        ErrorCode.UnauthorizedAccess or "com.microsoft:auth-failed" => new UnauthorizedAccessException(description),
        "com.microsoft:server-busy" => Reason(description, ServiceBusFailureReason.ServiceBusy),
        "com.microsoft:argument-error" => new ArgumentException(description),
        "com.microsoft:argument-out-of-range" => new ArgumentOutOfRangeException(null, description),
        "com.microsoft:entity-disabled" => Reason(description, ServiceBusFailureReason.MessagingEntityDisabled),
        LockLost => Reason(description, ServiceBusFailureReason.MessageLockLost),
        "com.microsoft:session-lock-lost" => Reason(description, ServiceBusFailureReason.SessionLockLost),
        "com.microsoft:session-cannot-be-locked" => Reason(description, ServiceBusFailureReason.SessionCannotBeLocked),
        ErrorCode.ResourceLimitExceeded => Reason(description, ServiceBusFailureReason.QuotaExceeded),
        ErrorCode.MessageSizeExceeded => Reason(description, ServiceBusFailureReason.MessageSizeExceeded),
        MessageNotFound => Reason(description, ServiceBusFailureReason.MessageNotFound),
        "com.microsoft:entity-already-exists" => Reason(description, ServiceBusFailureReason.MessagingEntityAlreadyExists),
        ErrorCode.ConnectionForced or ErrorCode.DetachForced or ErrorCode.IllegalState
            => Reason(description, ServiceBusFailureReason.ServiceCommunicationProblem),
        _ => new ServiceBusException(isTransient: true, description),
    };

    /// <summary>The connection or link ended under an operation. Without a reason from the peer that is a communication problem.</summary>
    public static Exception FromClosed(Error error, string what) => error is null
        ? Reason($"{what} was closed.", ServiceBusFailureReason.ServiceCommunicationProblem)
        : FromAmqp(error);

    public static Exception LostLock() => Reason(
        "The lock is lost: it has expired, or the message was settled or removed already.",
        ServiceBusFailureReason.MessageLockLost);

    public static Exception LostSessionLock() => Reason(
        "The session lock is lost: it has expired or its link was closed. Accept the session again.",
        ServiceBusFailureReason.SessionLockLost);

    public static Exception Translate(Exception exception) => exception switch
    {
        ServiceBusException => exception,
        AmqpException amqp => FromAmqp(amqp.Error),
        SocketException or IOException => Communication(exception),
        TimeoutException => new ServiceBusException(exception.Message, ServiceBusFailureReason.ServiceTimeout, null, exception),
        OperationCanceledException => new ServiceBusException(isTransient: true, exception.Message, innerException: exception),
        ObjectDisposedException { ObjectName: "TransportWriter" } => Communication(exception),
        _ => exception,
    };

    private static ServiceBusException Communication(Exception exception)
    {
        var socket = exception as SocketException ?? exception.InnerException as SocketException;
        var code = socket is null ? "" : $" ErrorCode: {socket.SocketErrorCode}";
        return new ServiceBusException(exception.Message + code, ServiceBusFailureReason.ServiceCommunicationProblem, null, exception);
    }

    private static ServiceBusException Reason(string message, ServiceBusFailureReason reason) => new(message, reason);
}
