using Azure.Messaging.ServiceBus;

// One message: receive, send a result, complete, end. No settings, no logs, no telemetry, no renewal, no retries.
await using var client = new ServiceBusClient(Environment.GetEnvironmentVariable("BARE_CONNECTION"));
await using var receiver = client.CreateReceiver("jobs");
var message = await receiver.ReceiveMessageAsync() ?? throw new InvalidOperationException("There is no message.");
await using var sender = client.CreateSender(message.ReplyTo);
await sender.SendMessageAsync(new ServiceBusMessage(message.Body) { MessageId = message.MessageId });
await receiver.CompleteMessageAsync(message);
