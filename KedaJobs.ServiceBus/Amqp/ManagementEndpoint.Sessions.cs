
namespace KedaJobs.ServiceBus.Amqp;

/// <summary>Operations on sessions.</summary>
internal sealed partial class ManagementEndpoint
{
    /// <summary>Service Bus's limit for the state of a session is the size of a message.</summary>
    private long MaxStateSize => queue.Entity.MaxMessageSize;

    private AmqpResponse RenewSessionLock(RequestBody body)
    {
        ThrowIfFailed(queue.RenewSessionLock(body.Text("session-id"), Services.Now, out var lockedUntil));
        return Respond(new AmqpMap { ["expiration"] = lockedUntil });
    }

    private AmqpResponse GetSessionState(RequestBody body)
    {
        ThrowIfFailed(queue.GetSessionState(body.Text("session-id"), Services.Now, out var state));
        return Respond(new AmqpMap { ["session-state"] = state });
    }

    private AmqpResponse SetSessionState(RequestBody body)
    {
        var state = body.OptionalBinary("session-state");
        if (state is { Length: var length } && length > MaxStateSize)
        {
            throw new RequestException(
                400, Errors.ArgumentCondition, $"A session's state may have {MaxStateSize} bytes; this one has {length}.");
        }

        ThrowIfFailed(queue.SetSessionState(body.Text("session-id"), state, Services.Now));
        return Respond(new AmqpMap());
    }

    private AmqpResponse ListSessions(RequestBody body)
    {
        // Clients that want all sessions with messages send the end of time.
        var after = body.OptionalTime("last-updated-time") is { Year: < 9999 } time ? time : (DateTime?)null;
        var skip = body.Int("skip");
        var ids = queue.ListSessions(after, skip, body.Int("top"), Services.Now);
        return ids.Count == 0
            ? Respond(NoContent, "No Content")
            : Respond(new AmqpMap { ["skip"] = skip + ids.Count, ["sessions-ids"] = ids.ToArray() });
    }
}
