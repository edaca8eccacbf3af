using System.Collections;
using Amqp;
using Amqp.Framing;
using Amqp.Types;
using Azure.Messaging.ServiceBus.Administration;

namespace Azure.Messaging.ServiceBus.Transport;

/// <summary>Operations of an entity's <c>$management</c> node: requests with a map body, responses with a status code.</summary>
internal sealed class ManagementLink : IAmqpLink
{
    private const string Prefix = "com.microsoft:";
    private readonly RequestResponseLink _link;

    private ManagementLink(RequestResponseLink link) => _link = link;

    public bool IsClosed => _link.IsClosed;

    public static Task<ManagementLink> OpenAsync(AmqpScope scope, string entityPath, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var address = entityPath + "/$management";
        return scope.OpenLinkAsync(
            address,
            async (connection, tryTimeout) => new ManagementLink(
                await RequestResponseLink.OpenAsync(connection, LinkAddress.Of(address), tryTimeout, cancellationToken).ConfigureAwait(false)),
            static (link, closed) => link._link.WhenClosed(closed),
            timeout,
            cancellationToken);
    }

    public Task CloseAsync() => _link.CloseAsync();

    public async Task<IReadOnlyList<DateTimeOffset>> RenewLocksAsync(Guid[] lockTokens, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var body = await RequestAsync("renew-lock", new Map { ["lock-tokens"] = lockTokens }, timeout, cancellationToken).ConfigureAwait(false);
        return [.. Items(body["expirations"]).Select(Time)];
    }

    public async Task<DateTimeOffset> RenewSessionLockAsync(string sessionId, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var body = await RequestAsync("renew-session-lock", new Map { ["session-id"] = sessionId }, timeout, cancellationToken).ConfigureAwait(false);
        return Time(body["expiration"]);
    }

    public async Task<BinaryData> GetSessionStateAsync(string sessionId, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var body = await RequestAsync("get-session-state", new Map { ["session-id"] = sessionId }, timeout, cancellationToken).ConfigureAwait(false);
        return body["session-state"] switch { byte[] bytes => new BinaryData(bytes), ByteBuffer buffer => new BinaryData(Copy(buffer)), _ => null };
    }

    public Task SetSessionStateAsync(string sessionId, BinaryData state, TimeSpan timeout, CancellationToken cancellationToken) => RequestAsync(
        "set-session-state", new Map { ["session-id"] = sessionId, ["session-state"] = state?.ToArray() }, timeout, cancellationToken);

    public async Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekAsync(
        long fromSequenceNumber, int count, string sessionId, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var request = new Map { ["from-sequence-number"] = fromSequenceNumber, ["message-count"] = count };
        if (sessionId is not null)
        {
            request["session-id"] = sessionId;
        }

        var body = await RequestAsync("peek-message", request, timeout, cancellationToken, noneIsEmpty: true).ConfigureAwait(false);
        return [.. Items(body["messages"]).Select(item => MessageConverter.FromAmqp(Decode(item), Guid.Empty, isPeeked: true))];
    }

    public async Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveDeferredAsync(
        long[] sequenceNumbers, ServiceBusReceiveMode mode, string sessionId, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var request = new Map
        {
            ["sequence-numbers"] = sequenceNumbers,
            ["receiver-settle-mode"] = mode == ServiceBusReceiveMode.PeekLock ? 1u : 0u,
        };
        if (sessionId is not null)
        {
            request["session-id"] = sessionId;
        }

        var body = await RequestAsync("receive-by-sequence-number", request, timeout, cancellationToken).ConfigureAwait(false);
        return [.. Items(body["messages"]).Select(item =>
            MessageConverter.FromAmqp(Decode(item), ((Map)item)["lock-token"] as Guid? ?? Guid.Empty, isPeeked: false))];
    }

    public async Task<IReadOnlyList<long>> ScheduleAsync(IEnumerable<ServiceBusMessage> messages, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var list = new List();
        foreach (var message in messages)
        {
            var entry = new Map { ["message"] = ToArray(MessageConverter.ToAmqp(message)) };
            AddUnlessNull(entry, "message-id", message.MessageId);
            AddUnlessNull(entry, "session-id", message.SessionId);
            AddUnlessNull(entry, "partition-key", message.PartitionKey);
            AddUnlessNull(entry, "via-partition-key", message.TransactionPartitionKey);
            list.Add(entry);
        }

        var body = await RequestAsync("schedule-message", new Map { ["messages"] = list }, timeout, cancellationToken).ConfigureAwait(false);
        return [.. Items(body["sequence-numbers"]).Select(item => (long)item)];
    }

    public Task CancelScheduledAsync(long[] sequenceNumbers, TimeSpan timeout, CancellationToken cancellationToken) =>
        RequestAsync("cancel-scheduled-message", new Map { ["sequence-numbers"] = sequenceNumbers }, timeout, cancellationToken);

    public Task SettleAsync(Guid lockToken, Settlement settlement, string sessionId, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var request = new Map { ["lock-tokens"] = new[] { lockToken }, ["disposition-status"] = settlement.Status };
        AddUnlessNull(request, "deadletter-reason", settlement.DeadLetterReason);
        AddUnlessNull(request, "deadletter-description", settlement.DeadLetterDescription);
        AddUnlessNull(request, "session-id", sessionId);
        if (settlement.PropertiesToModify is { Count: > 0 } properties)
        {
            var map = new Map();
            foreach (var (name, value) in properties)
            {
                map[name] = ValueConverter.ToAmqp(name, value);
            }

            request["properties-to-modify"] = map;
        }

        return RequestAsync("update-disposition", request, timeout, cancellationToken);
    }

    public Task AddRuleAsync(RuleProperties rule, TimeSpan timeout, CancellationToken cancellationToken) => RequestAsync(
        "add-rule",
        new Map { ["rule-name"] = rule.Name, ["rule-description"] = RuleConverter.ToAmqp(rule) },
        timeout,
        cancellationToken);

    public Task RemoveRuleAsync(string name, TimeSpan timeout, CancellationToken cancellationToken) =>
        RequestAsync("remove-rule", new Map { ["rule-name"] = name }, timeout, cancellationToken);

    public async Task<IReadOnlyList<RuleProperties>> GetRulesAsync(int skip, int top, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var body = await RequestAsync("enumerate-rules", new Map { ["skip"] = skip, ["top"] = top }, timeout, cancellationToken).ConfigureAwait(false);
        return [.. Items(body["rules"]).Select(RuleConverter.FromAmqp)];
    }

    private async Task<Map> RequestAsync(string operation, Map body, TimeSpan timeout, CancellationToken cancellationToken, bool noneIsEmpty = false)
    {
        var request = new Message(body) { ApplicationProperties = new ApplicationProperties() };
        request.ApplicationProperties["operation"] = Prefix + operation;
        request.ApplicationProperties[Prefix + "server-timeout"] = (uint)timeout.TotalMilliseconds;
        request.ApplicationProperties[Prefix + "tracking-id"] = Guid.NewGuid().ToString();
        var response = await _link.RequestAsync(request, timeout, cancellationToken).ConfigureAwait(false);
        var properties = response.ApplicationProperties?.Map ?? [];
        var status = properties["statusCode"] as int? ?? 0;
        if (status is >= 200 and < 300)
        {
            return response.Body as Map ?? [];
        }

        var condition = properties["errorCondition"] switch { Symbol symbol => (string)symbol, string text => text, _ => ConditionOf(status) };
        return noneIsEmpty && condition == Errors.MessageNotFound
            ? []
            : throw Errors.FromAmqp(condition, properties["statusDescription"] as string ?? condition);
    }

    /// <summary>For a service that names no condition.</summary>
    private static string ConditionOf(int status) => status switch
    {
        400 => "com.microsoft:argument-error",
        401 => ErrorCode.UnauthorizedAccess,
        403 => ErrorCode.ResourceLimitExceeded,
        404 => ErrorCode.NotFound,
        408 => Errors.Timeout,
        409 => "com.microsoft:entity-already-exists",
        410 => Errors.LockLost,
        501 => ErrorCode.NotImplemented,
        503 => "com.microsoft:server-busy",
        _ => ErrorCode.InternalError,
    };

    private static void AddUnlessNull(Map map, string name, string value)
    {
        if (value is not null)
        {
            map[name] = value;
        }
    }

    private static IEnumerable<object> Items(object listOrArray) => ((IEnumerable)listOrArray)?.Cast<object>() ?? [];

    private static DateTimeOffset Time(object timestamp) => new(DateTime.SpecifyKind((DateTime)timestamp, DateTimeKind.Utc));

    private static Message Decode(object entry) => ((Map)entry)["message"] switch
    {
        byte[] bytes => Message.Decode(new ByteBuffer(bytes, 0, bytes.Length, bytes.Length)),
        ByteBuffer buffer => Message.Decode(buffer),
        var other => throw new FormatException($"The service sent {other?.GetType().Name ?? "nothing"} in place of a message."),
    };

    private static byte[] ToArray(Message message) => Copy(message.Encode());

    private static byte[] Copy(ByteBuffer buffer) => buffer.Buffer.AsSpan(buffer.Offset, buffer.Length).ToArray();
}
