using KedaJobs.ServiceBus.Amqp.Framing;
using KedaJobs.ServiceBus.Amqp.Protocol;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.ServiceBus.Entities.Transactions;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>
/// The management node of an entity (Microsoft Learn: "AMQP 1.0 in Service Bus: request-response-based operations"): one method for each
/// operation, in the other files of this name.
/// </summary>
internal sealed partial class ManagementEndpoint(
    BrokerServices services, ClientClaims claims, ClientTransactions transactions, IncomingLink link, SubQueue queue,
    EntityAddress address) : RequestEndpoint(services, link)
{
    private const int Ok = 200;
    private const int NoContent = 204;
    private const int NotFound = 404;
    private const string AddRuleOperation = "com.microsoft:add-rule";
    private const string RemoveRuleOperation = "com.microsoft:remove-rule";
    private const string EnumerateRulesOperation = "com.microsoft:enumerate-rules";

    protected override string Node => address.Path;

    protected override AmqpResponse Process(AmqpRequest request, byte[]? transaction)
    {
        FollowName();
        var operation = request.Operation;
        try
        {
            var body = new RequestBody(request.Body as AmqpMap ?? throw new RequestException(
                400, Errors.ArgumentCondition, "The body of the request must be a map."));
            if (RightFor(operation) is not { } right)
            {
                throw new RequestException(501, "amqp:not-implemented", $"The operation '{operation}' is not supported.");
            }

            if (Refuses(operation) is { } reason)
            {
                throw new RequestException(400, Errors.NotAllowedCondition, reason);
            }

            if (!claims.Allows(address.Path, right, Services.Now))
            {
                throw new RequestException(401, Errors.UnauthorizedCondition, $"The token has no {right} claim for '{address.Path}'.");
            }

            if (queue.Entity.IsDeleted)
            {
                throw Failed(NotFound, Errors.EntityNotFound(queue.Entity.Name));
            }

            return Process(operation, body, transaction is null ? null : FindTransaction(transaction, operation));
        }
        catch (RequestException refused)
        {
            Link.Connection.OnRefused($"request '{operation}' to '{address.Path}'", new Error(refused.Condition, refused.Message));
            return Respond(refused.Status, refused.Message, refused.Condition);
        }
        catch (Exception failure) when (failure is InvalidCastException or WireFormatException or ArgumentException or OverflowException)
        {
            return Respond(400, $"The request '{operation}' is malformed: {failure.Message}", Errors.ArgumentCondition);
        }
    }

    /// <summary>
    /// A link belongs to a name. If the entity was deleted, it is the next entity of that name that answers; while there is
    /// none, requests are answered with "not found". Closing the link with the answer would make the .NET client report a
    /// communication problem or a timeout instead.
    /// </summary>
    private void FollowName()
    {
        if (queue.Entity.IsDeleted && Services.Catalog.Find(address.Queue) is { } next)
        {
            queue = next.Part(address.Kind);
        }
    }

    private static AccessRights? RightFor(string operation) => operation switch
    {
        "com.microsoft:schedule-message" or "com.microsoft:cancel-scheduled-message" => AccessRights.Send,
        "com.microsoft:renew-lock" or "com.microsoft:peek-message" or "com.microsoft:receive-by-sequence-number"
            or "com.microsoft:update-disposition" or "com.microsoft:batch-delete-messages" or "com.microsoft:renew-session-lock"
            or "com.microsoft:get-session-state" or "com.microsoft:set-session-state" or "com.microsoft:get-message-sessions"
            or AddRuleOperation or RemoveRuleOperation or EnumerateRulesOperation => AccessRights.Listen,
        _ => null,
    };

    /// <summary>Why the entity has no such operation; null if it does.</summary>
    private string? Refuses(string operation)
    {
        var isSending = RightFor(operation) == AccessRights.Send;
        var isAboutRules = operation is AddRuleOperation or RemoveRuleOperation or EnumerateRulesOperation;
        return queue.Entity.Kind switch
        {
            EntityKind.Topic when !isSending => "A topic takes messages only. Ask one of its subscriptions.",
            EntityKind.Subscription when isSending => "Messages cannot be sent to a subscription. Send to its topic.",
            not EntityKind.Subscription when isAboutRules => "Only subscriptions have rules.",
            _ => null,
        };
    }

    private AmqpResponse Process(string operation, RequestBody body, Transaction? transaction) => operation switch
    {
        "com.microsoft:renew-lock" => RenewLock(body),
        "com.microsoft:peek-message" => Peek(body),
        "com.microsoft:schedule-message" => Schedule(body, transaction),
        "com.microsoft:cancel-scheduled-message" => CancelScheduled(body, transaction),
        "com.microsoft:receive-by-sequence-number" => ReceiveBySequenceNumber(body),
        "com.microsoft:update-disposition" => UpdateDisposition(body, transaction),
        "com.microsoft:batch-delete-messages" => DeleteBatch(body),
        "com.microsoft:renew-session-lock" => RenewSessionLock(body),
        "com.microsoft:get-session-state" => GetSessionState(body),
        "com.microsoft:set-session-state" => SetSessionState(body),
        AddRuleOperation => AddRule(body),
        RemoveRuleOperation => RemoveRule(body),
        EnumerateRulesOperation => EnumerateRules(body),
        _ => ListSessions(body),
    };

    /// <summary>The transaction that a request is part of. What other requests than these do is done at once, as in Service Bus.</summary>
    private Transaction? FindTransaction(byte[] id, string operation)
    {
        if (operation is not ("com.microsoft:schedule-message" or "com.microsoft:cancel-scheduled-message"
            or "com.microsoft:update-disposition"))
        {
            return null;
        }

        var transaction = transactions.Find(id, out var error);
        if (transaction is not null)
        {
            error = transactions.Admit(transaction, queue.Entity, Link.Session, isSend: operation != "com.microsoft:update-disposition");
        }

        return error is null ? transaction : throw Failed(400, error);
    }

    private static void ThrowIfOver(bool isAdded)
    {
        if (!isAdded)
        {
            throw Failed(400, Errors.TransactionTimedOut(ClientTransactions.TimeOut));
        }
    }

    private static AmqpResponse Respond(AmqpMap body) => Respond(Ok, "OK", null, body);

    private static AmqpResponse Respond(int status, string description, string? condition = null, AmqpMap? body = null)
    {
        var properties = new AmqpMap { ["statusCode"] = status, ["statusDescription"] = description };
        if (condition is not null)
        {
            // A symbol: the .NET client casts to one.
            properties["errorCondition"] = new AmqpSymbol(condition);
        }

        return new AmqpResponse(properties, body);
    }

    private void ThrowIfFailed(SettleOutcome outcome)
    {
        if (outcome != SettleOutcome.Done)
        {
            var status = outcome switch
            {
                SettleOutcome.NotAllowed => 400,
                SettleOutcome.QueueDeleted => NotFound,
                SettleOutcome.QueueFull => 403,
                _ => 410,
            };
            throw Failed(status, Errors.Of(outcome, queue.Entity));
        }
    }

    private void ThrowIfFailed(NumberOutcome outcome)
    {
        if (outcome != NumberOutcome.Done)
        {
            throw Failed(outcome == NumberOutcome.SessionLockLost ? 410 : NotFound, Errors.Of(outcome, queue.Entity));
        }
    }

    private static RequestException Failed(int status, Error error) => new(status, error.Condition, error.Description);
}

/// <summary>A request cannot be done; becomes the response's status, condition and description.</summary>
internal sealed class RequestException(int status, string condition, string description) : Exception(description)
{
    public int Status { get; } = status;

    public string Condition { get; } = condition;
}
