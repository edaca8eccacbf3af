namespace Azure.Messaging.ServiceBus;

public class ServiceBusException : Exception
{
    public ServiceBusException()
    {
    }

    public ServiceBusException(string message, ServiceBusFailureReason reason, string entityPath = null, Exception innerException = null)
        : this(IsTransientByNature(reason), message, entityPath, reason, innerException)
    {
    }

    public ServiceBusException(
        bool isTransient,
        string message,
        string entityName = null,
        ServiceBusFailureReason reason = ServiceBusFailureReason.GeneralError,
        Exception innerException = null)
        : base(message, innerException)
    {
        IsTransient = isTransient;
        EntityPath = entityName;
        Reason = reason;
    }

    public bool IsTransient { get; }

    public ServiceBusFailureReason Reason { get; }

    public string EntityPath { get; private set; }

    public override string Message => string.IsNullOrEmpty(EntityPath)
        ? $"{base.Message} ({Reason})"
        : $"{base.Message} ({EntityPath} - {Reason})";

    internal void NameEntity(string entityPath) => EntityPath ??= entityPath;

    private static bool IsTransientByNature(ServiceBusFailureReason reason) => reason is
        ServiceBusFailureReason.ServiceCommunicationProblem or
        ServiceBusFailureReason.ServiceTimeout or
        ServiceBusFailureReason.ServiceBusy;
}
