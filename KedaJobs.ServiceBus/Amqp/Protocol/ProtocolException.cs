using KedaJobs.ServiceBus.Amqp.Framing;

namespace KedaJobs.ServiceBus.Amqp.Protocol;

/// <summary>The client broke the protocol in a way that ends its connection.</summary>
internal sealed class ConnectionErrorException(string condition, string description) : Exception(description)
{
    public Error Error { get; } = new(condition, description);
}

/// <summary>The client broke the protocol in a way that ends one session.</summary>
internal sealed class SessionErrorException(string condition, string description) : Exception(description)
{
    public Error Error { get; } = new(condition, description);
}

/// <summary>The client broke the protocol in a way that ends one link.</summary>
internal sealed class LinkErrorException(string condition, string description) : Exception(description)
{
    public Error Error { get; } = new(condition, description);
}
