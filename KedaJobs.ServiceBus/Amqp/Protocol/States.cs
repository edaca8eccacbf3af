namespace KedaJobs.ServiceBus.Amqp.Protocol;

/// <summary>The states of a connection (AMQP 1.0, part 2.4.6), as far as the side that accepts it has them.</summary>
internal enum ConnectionState : byte
{
    Start,
    HeaderReceived,
    HeaderExchanged,
    OpenReceived,
    Opened,

    /// <summary>The client has closed; it is about to be answered.</summary>
    CloseReceived,

    /// <summary>The broker has closed and waits for the client's answer; all other frames are thrown away.</summary>
    CloseSent,

    /// <summary>As <see cref="CloseSent"/>, because of an error of the client.</summary>
    Discarding,

    End,
}

/// <summary>The states of a session (AMQP 1.0, part 2.5.5), as far as the side that is asked for it has them.</summary>
internal enum SessionState : byte
{
    Unmapped,
    BeginReceived,
    Mapped,
    EndReceived,

    /// <summary>The broker has ended the session because of an error of the client, and throws away all but its end.</summary>
    Discarding,
}

/// <summary>The states of a link (AMQP 1.0, part 2.6.3 to 2.6.6), as far as the side that is asked for it has them.</summary>
internal enum LinkState : byte
{
    /// <summary>Half attached: the client has asked and is not answered yet.</summary>
    AttachReceived,
    Attached,

    /// <summary>Half detached: the broker has ended the link, and waits for the client's answer.</summary>
    DetachSent,

    Detached,
}
