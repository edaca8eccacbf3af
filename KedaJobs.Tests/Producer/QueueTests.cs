using System.Net;
using Azure.Messaging.ServiceBus;
using KedaJobs.ServiceBus;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Producer;

public sealed class QueueTests
{
    [Fact]
    public async Task Shows_the_counts()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);
        await broker.SendAsync([.. Enumerable.Range(0, 5).Select(number => JobsBroker.Job($"{number}", "fail", "{}"))]);
        await using var receiver = broker.Client.CreateReceiver("jobs");
        var messages = await receiver.ReceiveMessagesAsync(2, TimeSpan.FromSeconds(5));
        await receiver.DeadLetterMessageAsync(messages[0]);
        await using var sender = broker.Client.CreateSender("jobs");
        await sender.ScheduleMessageAsync(new ServiceBusMessage(), TimeProvider.System.GetUtcNow().AddHours(1));

        Assert.Equal("""{"queue":"jobs","active":4,"deadLetter":1,"scheduled":1}""", (await producer.GetAsync("/queue")).ToJsonString());
    }

    [Fact]
    public async Task Without_the_manage_claim_names_the_role()
    {
        await using var broker = await JobsBroker.StartAsync(rules:
        [
            new SharedAccessRule { Name = "worker", Key = "secret", Rights = AccessRights.Send | AccessRights.Listen },
        ]);
        await using var producer = await ProducerServer.StartAsync(broker);

        var response = await producer.Http.GetAsync("/queue");

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.StartsWith(
            "The producer's identity needs the role 'Azure Service Bus Data Owner' on the namespace.",
            (await ProducerServer.BodyAsync(response))["detail"]!.GetValue<string>(),
            StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Accepted, (await producer.PostAsync("""{"task":"fail","input":{}}""")).StatusCode);
    }

    [Fact]
    public async Task Without_the_listen_claim_dead_letters_name_the_role()
    {
        await using var broker = await JobsBroker.StartAsync(rules:
        [
            new SharedAccessRule { Name = "producer", Key = "secret", Rights = AccessRights.Send },
        ]);
        await using var producer = await ProducerServer.StartAsync(broker);

        var response = await producer.Http.GetAsync("/dead-letter");

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains(
            "'Azure Service Bus Data Receiver' on the jobs queue", (await ProducerServer.BodyAsync(response))["detail"]!.GetValue<string>(),
            StringComparison.Ordinal);
    }
}
