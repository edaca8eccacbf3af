using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;

namespace KedaJobs.Tests.ServiceBus.Runtime;

/// <summary>
/// The official client as it comes, without a word about certificates, in a process of its own: which certificates .NET trusts on Linux is
/// decided by environment variables that are read once. The process is this assembly, started as a program.
/// </summary>
internal static class SecureClientProgram
{
    /// <summary>Sends, receives and administers over one transport.</summary>
    /// <param name="args">The transport or <c>management</c>, the connection string and the port.</param>
    /// <returns>0 if all went well; otherwise what went wrong is on the standard error.</returns>
    public static async Task<int> Main(string[] args)
    {
        if (args is not [var what, var connectionString, var port])
        {
            await Console.Error.WriteLineAsync("Usage: KedaJobs.Tests (AmqpTcp|AmqpWebSockets|management) CONNECTION_STRING PORT");
            return 2;
        }

        try
        {
            await (Enum.TryParse<ServiceBusTransportType>(what, out var transport)
                ? ExchangeAsync(transport, connectionString, port)
                : AdministerAsync(connectionString));
            Console.WriteLine($"done {what}");
            return 0;
        }
        catch (Exception failure)
        {
            await Console.Error.WriteLineAsync(failure.ToString());
            return 1;
        }
    }

    private static async Task ExchangeAsync(ServiceBusTransportType transport, string connectionString, string port)
    {
        await using var client = new ServiceBusClient(connectionString, new ServiceBusClientOptions
        {
            TransportType = transport,
            CustomEndpointAddress = new Uri($"sb://localhost:{port}"),
            RetryOptions = { MaxRetries = 0, TryTimeout = TimeSpan.FromSeconds(20) },
        });
        var sender = client.CreateSender("jobs");
        var receiver = client.CreateReceiver("jobs");
        foreach (var size in new[] { 1, 1000, 200_000 })
        {
            await sender.SendMessageAsync(new ServiceBusMessage(new BinaryData(new byte[size])));
            var message = await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(20))
                ?? throw new InvalidOperationException("Nothing was received.");
            if (message.Body.ToMemory().Length != size)
            {
                throw new InvalidOperationException($"{message.Body.ToMemory().Length} bytes came where {size} were sent.");
            }

            await receiver.CompleteMessageAsync(message);
        }

        await client.CreateSender("sessions").SendMessageAsync(new ServiceBusMessage("x") { SessionId = "s" });
        var session = await client.AcceptNextSessionAsync("sessions");
        await session.CompleteMessageAsync(await session.ReceiveMessageAsync(TimeSpan.FromSeconds(20)));
    }

    private static async Task AdministerAsync(string connectionString)
    {
        var admin = new ServiceBusAdministrationClient(connectionString);
        await admin.CreateTopicAsync("made");
        await admin.CreateSubscriptionAsync("made", "sub");
        var counts = await admin.GetSubscriptionRuntimePropertiesAsync("made", "sub");
        if (counts.Value.TotalMessageCount != 0)
        {
            throw new InvalidOperationException("A new subscription has messages.");
        }

        await admin.DeleteTopicAsync("made");
    }
}
