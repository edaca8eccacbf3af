using Amqp;
using Amqp.Framing;
using Amqp.Types;
using KedaJobs.ServiceBus;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.ServiceBus.Wire;

/// <summary>A plain AMQP client: what a Service Bus client sends, without what it adds or hides.</summary>
internal sealed class LiteClient : IAsyncDisposable
{
    private readonly Connection _connection;

    private LiteClient(Connection connection)
    {
        _connection = connection;
        Session = new Session(connection);
    }

    public Session Session { get; }

    public bool IsClosed => _connection.IsClosed;

    /// <summary>Without SASL, so that only tokens count; or with the name and key of a rule.</summary>
    public static async Task<LiteClient> ConnectAsync(ServiceBusBroker broker, string? name = null, string? key = null)
    {
        // An address with a user makes the library show user and password by SASL PLAIN.
        var address = new Address("localhost", broker.Port, name, key, scheme: "amqp");
        return new LiteClient(await new ConnectionFactory().CreateAsync(address));
    }

    public static Task<LiteClient> AsManagerAsync(ServiceBusBroker broker) =>
        ConnectAsync(broker, SharedAccessRule.DefaultName, SharedAccessRule.DefaultKey);

    /// <summary>Attaches a sender and waits for the answer.</summary>
    /// <returns>The link; it is closed, with the error, if it was refused.</returns>
    public Task<SenderLink> AttachSenderAsync(string address, Attach? attach = null)
    {
        attach ??= new Attach { Source = new Source(), Target = new Target { Address = address } };
        return AttachedAsync(attached => new SenderLink(Session, $"out-{Guid.NewGuid():N}", attach, attached), address);
    }

    /// <inheritdoc cref="AttachSenderAsync"/>
    public Task<ReceiverLink> AttachReceiverAsync(string address, Attach? attach = null)
    {
        attach ??= new Attach { Source = new Source { Address = address }, Target = new Target { Address = "client" } };
        return AttachedAsync(attached => new ReceiverLink(Session, $"in-{Guid.NewGuid():N}", attach, attached), address);
    }

    /// <summary>Asks a management node or <c>$cbs</c>.</summary>
    public async Task<Message> RequestAsync(string node, string operation, object? body, params (string Name, object Value)[] properties)
    {
        var replyTo = $"client-{Guid.NewGuid():N}";
        var responses = await AttachReceiverAsync(
            node, new Attach { Source = new Source { Address = node }, Target = new Target { Address = replyTo } });
        responses.SetCredit(1);
        var requests = await AttachSenderAsync(node);
        var request = new Message
        {
            Properties = new Properties { MessageId = "1", ReplyTo = replyTo },
            ApplicationProperties = new ApplicationProperties { ["operation"] = operation },
            BodySection = new AmqpValue { Value = body },
        };
        foreach (var (name, value) in properties)
        {
            request.ApplicationProperties[name] = value;
        }

        await requests.SendAsync(request);
        var response = await responses.ReceiveAsync(Eventually.DefaultDeadline);
        Assert.NotNull(response);
        responses.Accept(response);
        return response;
    }

    /// <summary>Puts a token at <c>$cbs</c>.</summary>
    /// <returns>The status code.</returns>
    public async Task<int> PutTokenAsync(string token, string audience) => (int)(await RequestAsync(
        "$cbs", "put-token", token, ("type", "servicebus.windows.net:sastoken"), ("name", audience))).ApplicationProperties["status-code"];

    public static Map Body(params (string Key, object? Value)[] entries)
    {
        var map = new Map();
        foreach (var (key, value) in entries)
        {
            map[key] = value;
        }

        return map;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_connection.IsClosed)
        {
            await _connection.CloseAsync();
        }
    }

    private static async Task<T> AttachedAsync<T>(Func<OnAttached, T> create, string address)
        where T : Link
    {
        var attached = new TaskCompletionSource<Attach>(TaskCreationOptions.RunContinuationsAsynchronously);
        var link = create((_, answer) => attached.TrySetResult(answer));
        link.AddClosedCallback((_, _) => attached.TrySetResult(new Attach()));
        var answer = await Eventually.InTimeAsync($"the answer to the attach at '{address}'", attached.Task);

        // A refusal is an attach that names nothing, and then a detach with the error.
        if ((link is SenderLink ? answer.Target : answer.Source) is null)
        {
            await Eventually.SucceedsAsync("the refused link is closed", () => Assert.True(link.IsClosed));
        }

        return link;
    }
}
