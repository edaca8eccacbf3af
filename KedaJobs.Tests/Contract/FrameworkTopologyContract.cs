using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;

namespace KedaJobs.Tests.Contract;

/// <summary>
/// What message frameworks ask of the administration client and the clients at their start: the same calls in the same order,
/// twice, because each start of a program makes them. Read off MassTransit 8, NServiceBus.Transport.AzureServiceBus,
/// Rebus.AzureServiceBus and Wolverine.AzureServiceBus.
/// </summary>
public sealed class FrameworkTopologyContract : ServiceBusContract
{
    private readonly string _id = Guid.NewGuid().ToString("N");

    /// <summary>
    /// Entities are looked up first, names come from types, subscriptions forward to the endpoint's queue by its
    /// address and are compared at the next start.
    /// </summary>
    [Fact]
    public async Task MassTransit_creates_its_topology()
    {
        var (topic, fault, array, input) = (
            $"{_id}/Contracts.OrderSubmitted",
            $"{_id}/MassTransit/Fault--Contracts.OrderSubmitted--",
            $"{_id}/Contracts.Order__",
            $"{_id}_order-service");
        for (var start = 0; start < 2; start++)
        {
            await EnsureQueueAsync(new CreateQueueOptions(input)
            {
                AutoDeleteOnIdle = TimeSpan.FromDays(427),
                DefaultMessageTimeToLive = TimeSpan.FromDays(366),
                DeadLetteringOnMessageExpiration = true,
                EnableBatchedOperations = true,
                LockDuration = TimeSpan.FromMinutes(5),
                MaxDeliveryCount = 5,
            });
            foreach (var name in new[] { topic, fault, array })
            {
                await EnsureTopicAsync(new CreateTopicOptions(name)
                {
                    AutoDeleteOnIdle = TimeSpan.FromDays(427),
                    DefaultMessageTimeToLive = TimeSpan.FromDays(366),
                    EnableBatchedOperations = true,
                });
                await EnsureSubscriptionAsync(new CreateSubscriptionOptions(name, "order-service")
                {
                    AutoDeleteOnIdle = TimeSpan.FromDays(427),
                    DeadLetteringOnMessageExpiration = true,
                    DefaultMessageTimeToLive = TimeSpan.FromDays(366),
                    EnableBatchedOperations = true,
                    ForwardTo = $"sb://{Client.FullyQualifiedNamespace}/{input}",
                    LockDuration = TimeSpan.FromMinutes(5),
                    MaxDeliveryCount = 5,
                });
            }
        }

        // A queue that goes with its process.
        var temporary = $"{_id}_bus";
        await EnsureQueueAsync(
            new CreateQueueOptions(temporary) { AutoDeleteOnIdle = TimeSpan.FromMinutes(5), LockDuration = TimeSpan.FromMinutes(5) });

        foreach (var (name, body) in new[] { (topic, "submitted"), (fault, "failed"), (array, "many") })
        {
            await SendAsync(name, body);
            Assert.Equal(body, (await ReceiveAndDeleteAsync(input)).Body.ToString());
        }

        async Task EnsureSubscriptionAsync(CreateSubscriptionOptions wanted)
        {
            try
            {
                var found = (await Admin.GetSubscriptionAsync(wanted.TopicName, wanted.SubscriptionName)).Value;
                Assert.Equal(new Uri(wanted.ForwardTo).AbsolutePath, new Uri(found.ForwardTo).AbsolutePath);
                Assert.Equal((wanted.LockDuration, wanted.MaxDeliveryCount), (found.LockDuration, found.MaxDeliveryCount));
                found.MaxDeliveryCount++;
                Assert.Equal(wanted.MaxDeliveryCount + 1, (await Admin.UpdateSubscriptionAsync(found)).Value.MaxDeliveryCount);
            }
            catch (ServiceBusException missing) when (missing.Reason == ServiceBusFailureReason.MessagingEntityNotFound)
            {
                await Admin.CreateSubscriptionAsync(wanted);
            }
        }
    }

    /// <summary>
    /// Everything is created and "exists already" is caught; the default rule is replaced by name, in another
    /// letter case; rules come over the client.
    /// </summary>
    [Fact]
    public async Task NServiceBus_creates_its_topology()
    {
        const string Enclosed = "NServiceBus.EnclosedMessageTypes";
        var (endpoint, error, bundle, shared) = ($"{_id}.sales", $"{_id}.error", $"{_id}.bundle-1", $"{_id}.Sales.OrderPlaced");
        for (var start = 0; start < 2; start++)
        {
            foreach (var name in new[] { error, endpoint })
            {
                await TryCreateAsync(() => CreateQueueAsync(options =>
                {
                    options.Name = name;
                    options.EnableBatchedOperations = true;
                    options.LockDuration = TimeSpan.FromMinutes(5);
                    options.MaxDeliveryCount = int.MaxValue;
                    options.MaxSizeInMegabytes = 5 * 1024;
                }));
            }

            foreach (var name in new[] { bundle, shared })
            {
                await TryCreateAsync(() => CreateTopicAsync(options =>
                {
                    options.Name = name;
                    options.EnableBatchedOperations = true;
                    options.MaxSizeInMegabytes = 5 * 1024;
                }));
            }

            CreateSubscriptionOptions Subscription(string topic) => new(topic, "sales")
            {
                EnableBatchedOperations = true,
                EnableDeadLetteringOnFilterEvaluationExceptions = false,
                ForwardTo = endpoint,
                LockDuration = TimeSpan.FromMinutes(5),
                MaxDeliveryCount = int.MaxValue,
                UserMetadata = endpoint,
            };

            await TryCreateAsync(
                () => Admin.CreateSubscriptionAsync(Subscription(bundle), new CreateRuleOptions("$default", new FalseRuleFilter())));
            await TryCreateAsync(() => Admin.CreateSubscriptionAsync(Subscription(shared)));

            await using var rules = Client.CreateRuleManager(bundle, "sales");
            await TryCreateAsync(() => rules.CreateRuleAsync(
                new CreateRuleOptions("Sales.OrderPlaced", new SqlRuleFilter($"[{Enclosed}] LIKE '%Sales.OrderPlaced%'"))));
            await TryCreateAsync(() => rules.CreateRuleAsync(
                new CreateRuleOptions(
                    "Sales.OrderBilled", new CorrelationRuleFilter { ApplicationProperties = { ["Sales.OrderBilled"] = true } })));
        }

        await PublishAsync(bundle, "by type", (Enclosed, "Sales.OrderPlaced, Sales; Sales.IOrder, Sales"));
        await PublishAsync(bundle, "by flag", ("Sales.OrderBilled", true));
        await PublishAsync(bundle, "nobody's", (Enclosed, "Other"), ("Sales.OrderBilled", false));
        await PublishAsync(shared, "all", (Enclosed, "Sales.OrderPlaced"));
        Assert.Equal(["by type", "by flag", "all"], await BodiesAsync(endpoint, 3));

        await using (var rules = Client.CreateRuleManager(bundle, "sales"))
        {
            await rules.DeleteRuleAsync("Sales.OrderPlaced");
            await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => rules.DeleteRuleAsync("Sales.OrderPlaced"));
        }

        await Admin.DeleteSubscriptionAsync(shared, "sales");
        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => Admin.DeleteSubscriptionAsync(shared, "sales"));
        await PublishAsync(bundle, "no more", (Enclosed, "Sales.OrderPlaced"));
        await AssertNothingArrivesAsync(Receiver(endpoint));

        async Task PublishAsync(string topic, string body, params (string Name, object Value)[] properties)
        {
            var message = new ServiceBusMessage(body);
            foreach (var (name, value) in properties)
            {
                message.ApplicationProperties[name] = value;
            }

            await Sender(topic).SendMessageAsync(message);
        }
    }

    /// <summary>
    /// Existence is asked first; names have slashes; a subscription forwards to "http://namespace/queue",
    /// and is changed where it says anything else.
    /// </summary>
    [Fact]
    public async Task Rebus_creates_its_topology()
    {
        var (input, topic) = ($"{_id}/some.inputqueue", $"{_id}/some.interesting_topic");
        await CreateQueueAsync(options =>
        {
            options.Name = input;
            options.AutoDeleteOnIdle = TimeSpan.FromMinutes(5);
            options.DefaultMessageTimeToLive = TimeSpan.FromDays(1);
            options.LockDuration = TimeSpan.FromSeconds(30);
            options.MaxDeliveryCount = 100;
        });
        var address = $"http://{Client.FullyQualifiedNamespace}/{Sender(input).EntityPath}";
        for (var start = 0; start < 2; start++)
        {
            Assert.True(await Admin.QueueExistsAsync(input));
            if (!await Admin.TopicExistsAsync(topic))
            {
                await CreateTopicAsync(options => options.Name = topic);
            }

            var subscription = await Admin.SubscriptionExistsAsync(topic, "some_inputqueue")
                ? (await Admin.GetSubscriptionAsync(topic, "some_inputqueue")).Value
                : (await Admin.CreateSubscriptionAsync(
                    new CreateSubscriptionOptions(topic, "some_inputqueue") { ForwardTo = address })).Value;
            Assert.Equal(address, subscription.ForwardTo);

            subscription.ForwardTo = input;
            Assert.Equal(address, (await Admin.UpdateSubscriptionAsync(subscription)).Value.ForwardTo);
        }

        await SendAsync(topic, "published");
        Assert.Equal("published", (await ReceiveAndDeleteAsync(input)).Body.ToString());
        await Admin.DeleteSubscriptionAsync(topic, "some_inputqueue");
    }

    /// <summary>
    /// Lists everything first; names queues after types, arrays with two underscores; a queue for
    /// answers and one for dead letters of its own.
    /// </summary>
    [Fact]
    public async Task Wolverine_creates_its_topology()
    {
        var (queue, topic, dead) = ($"{_id}.batcheditem__", $"{_id}.events", $"{_id}.wolverine-dead-letter-queue");
        for (var start = 0; start < 2; start++)
        {
            foreach (var name in new[] { dead, queue, $"{_id}.wolverine.response.1" })
            {
                if (!await Admin.QueueExistsAsync(name))
                {
                    await CreateQueueAsync(options => options.Name = name);
                }
            }

            if (!await Admin.TopicExistsAsync(topic))
            {
                await CreateTopicAsync(options => options.Name = topic);
            }

            if (!await Admin.SubscriptionExistsAsync(topic, "ends__"))
            {
                await SubscribeAsync(
                    topic, "ends__",
                    rule: new CreateRuleOptions { Name = "only", Filter = new SqlRuleFilter("NOT user.tenant LIKE '%test'") });
            }
        }

        await Sender(topic).SendMessageAsync(new ServiceBusMessage("kept") { ApplicationProperties = { ["tenant"] = "one" } });
        await Sender(topic).SendMessageAsync(new ServiceBusMessage("dropped") { ApplicationProperties = { ["tenant"] = "a test" } });
        await SendAsync(queue, "batch");

        Assert.Equal("kept", (await ReceiveAsync(Receiver(topic, "ends__"))).Body.ToString());
        Assert.Equal("batch", (await ReceiveAndDeleteAsync(queue)).Body.ToString());
        Assert.Equal(1, (await CountsAsync(topic, "ends__")).TotalMessageCount);
        Assert.Equal("Active", (await Admin.GetSubscriptionAsync(topic, "ends__")).Value.Status.ToString());
    }

    private async Task EnsureQueueAsync(CreateQueueOptions wanted)
    {
        try
        {
            await Admin.GetQueueAsync(wanted.Name);
        }
        catch (ServiceBusException missing) when (missing.Reason == ServiceBusFailureReason.MessagingEntityNotFound)
        {
            await CreateQueueAsync(options =>
            {
                options.Name = wanted.Name;
                options.AutoDeleteOnIdle = wanted.AutoDeleteOnIdle;
                options.DefaultMessageTimeToLive = wanted.DefaultMessageTimeToLive;
                options.DeadLetteringOnMessageExpiration = wanted.DeadLetteringOnMessageExpiration;
                options.EnableBatchedOperations = wanted.EnableBatchedOperations;
                options.LockDuration = wanted.LockDuration;
                options.MaxDeliveryCount = wanted.MaxDeliveryCount;
            });
        }
    }

    private async Task EnsureTopicAsync(CreateTopicOptions wanted)
    {
        try
        {
            await Admin.GetTopicAsync(wanted.Name);
        }
        catch (ServiceBusException missing) when (missing.Reason == ServiceBusFailureReason.MessagingEntityNotFound)
        {
            await CreateTopicAsync(options =>
            {
                options.Name = wanted.Name;
                options.AutoDeleteOnIdle = wanted.AutoDeleteOnIdle;
                options.DefaultMessageTimeToLive = wanted.DefaultMessageTimeToLive;
                options.EnableBatchedOperations = wanted.EnableBatchedOperations;
            });
        }
    }

    private static async Task TryCreateAsync(Func<Task> create)
    {
        try
        {
            await create();
        }
        catch (ServiceBusException exists) when (exists.Reason == ServiceBusFailureReason.MessagingEntityAlreadyExists)
        {
            // From the start before.
        }
    }

    private async Task<ServiceBusReceivedMessage> ReceiveAndDeleteAsync(string queue) =>
        await ReceiveAsync(Receiver(queue, new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete }));

    private async Task<List<string>> BodiesAsync(string queue, int count) =>
        [.. (await ReceiveAsync(
            Receiver(queue, new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete }), count))
            .Select(message => message.Body.ToString())];
}
