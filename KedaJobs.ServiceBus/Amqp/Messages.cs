using Amqp;
using Amqp.Framing;
using Amqp.Listener;
using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>A message as it came from a client, undecoded. Also carries the answer to it until it may be given.</summary>
internal sealed class ReceivedMessage(ReadOnlyMemory<byte> encoded) : Message, ICommitWaiter
{
    public ReadOnlyMemory<byte> Encoded { get; } = encoded;

    public ListenerLink? Link { get; set; }

    public DeliveryState? Answer { get; set; }

    public void OnCommitted() => Link!.TryDispose(this, Answer!);

    public void OnCommitFailed() => Link!.TryDispose(this, Outcomes.Rejection(Errors.Internal(CommitFailedException.Text)));
}

/// <summary>A message on its way to a client. Also carries the answer to its settlement until it may be given.</summary>
internal sealed class OutgoingMessage(Guid lockToken) : Message, ICommitWaiter
{
    public Guid LockToken { get; } = lockToken;

    /// <summary>The lock token in the byte order that clients expect in a delivery tag.</summary>
    public byte[] Tag { get; } = lockToken.ToByteArray();

    public ListenerLink? Link { get; set; }

    public DeliveryState? Answer { get; set; }

    public void OnCommitted() => Link!.TryDispose(this, Answer!);

    public void OnCommitFailed() => Link!.TryDispose(this, Outcomes.Rejection(Errors.Internal(CommitFailedException.Text)));
}

/// <summary>What an AMQP endpoint needs of the broker.</summary>
internal sealed record BrokerServices(EntityCatalog Catalog, Security.TokenValidator Tokens, CommitGate Commits, TimeProvider Time, BrokerTelemetry Telemetry)
{
    public DateTime Now => Time.UtcNow();
}

/// <summary>The outcomes that carry nothing, shared by all answers.</summary>
internal static class Outcomes
{
    public static readonly Accepted Accepted = new();
    public static readonly Released Released = new();
    public static readonly Modified Modified = new();
    public static readonly Rejected Rejected = new();

    public static Rejected Rejection(Error error) => new() { Error = error };
}
