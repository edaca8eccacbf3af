namespace KedaJobs.ServiceBus.Amqp.Protocol;

/// <summary>Decides what a client gets at the other end of a link: each link is completed or refused, at once or later.</summary>
internal interface ILinkRouter
{
    /// <summary>The client wants to send. Called on the connection's read loop.</summary>
    void Attach(IncomingLink link);

    /// <summary>The client wants to receive. Called on the connection's read loop.</summary>
    void Attach(OutgoingLink link);
}
