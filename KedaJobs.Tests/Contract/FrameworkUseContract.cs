using System.Collections.Concurrent;
using System.Transactions;
using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Contract;

/// <summary>
/// How message frameworks use the clients while they run, beyond what their topologies need (<see cref="FrameworkTopologyContract"/>):
/// receiving and sending in one transaction, reply queues that go with their process, sessions by the dozen, retries and error texts.
/// </summary>
public sealed class FrameworkUseContract : ServiceBusContract
{
    /// <summary>
    /// NServiceBus, "sends atomic with receive": the message is completed and what its handler sent goes out in one transaction, made by
    /// hand; what is sent at once is sent outside of it. A handler that fails leaves nothing behind but that.
    /// </summary>
    [Fact]
    public async Task Handlers_that_fail_send_nothing_and_get_their_message_again()
    {
        var (input, output, audit) = (
            await CreateQueueAsync(options => options.MaxDeliveryCount = int.MaxValue), await CreateQueueAsync(), await CreateTopicAsync());
        await SubscribeAsync(audit, "all");
        await SendAsync(input, "work");
        var client = Owned(new ServiceBusClient(
            ConnectionString,
            new ServiceBusClientOptions { EnableCrossEntityTransactions = true, RetryOptions = { MaxRetries = 0, TryTimeout = Soon } }));
        var attempts = new TaskCompletionSource();
        var processor = Owned(client.CreateProcessor(
            input, new ServiceBusProcessorOptions { AutoCompleteMessages = false, MaxConcurrentCalls = 2, PrefetchCount = 4 }));
        var (toOutput, toAudit, toInput) =
            (Owned(client.CreateSender(output)), Owned(client.CreateSender(audit)), Owned(client.CreateSender(input)));
        processor.ProcessErrorAsync += _ => Task.CompletedTask;
        processor.ProcessMessageAsync += async received =>
        {
            if (received.Message.Body.ToString() != "work")
            {
                await received.CompleteMessageAsync(received.Message);
                return;
            }

            using var transaction = new CommittableTransaction(new TransactionOptions { IsolationLevel = IsolationLevel.Serializable });
            using (var scope = new TransactionScope(transaction, TransactionScopeAsyncFlowOption.Enabled))
            {
                await toOutput.SendMessageAsync(new ServiceBusMessage($"result {received.Message.DeliveryCount}"));
                await toAudit.SendMessageAsync(new ServiceBusMessage($"event {received.Message.DeliveryCount}"));
                await toInput.ScheduleMessageAsync(new ServiceBusMessage("later"), Now + TimeSpan.FromHours(1));
                scope.Complete();
            }

            using (var atOnce = new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled))
            {
                await toOutput.SendMessageAsync(new ServiceBusMessage($"at once {received.Message.DeliveryCount}"));
                atOnce.Complete();
            }

            if (received.Message.DeliveryCount < 3)
            {
                transaction.Rollback();
                await received.AbandonMessageAsync(received.Message);
                return;
            }

            using (var scope = new TransactionScope(transaction, TransactionScopeAsyncFlowOption.Enabled))
            {
                await received.CompleteMessageAsync(received.Message);
                scope.Complete();
            }

            transaction.Commit();
            attempts.TrySetResult();
        };
        await processor.StartProcessingAsync();
        await attempts.Task.WaitAsync(Soon);
        await processor.StopProcessingAsync();

        var results = await ReceiveAsync(Receiver(output), 4);
        Assert.Equal(["at once 1", "at once 2", "at once 3", "result 3"], results.Select(message => message.Body.ToString()).Order());
        Assert.Equal("event 3", (await ReceiveAsync(Receiver(audit, "all"))).Body.ToString());
        await Eventually.SucceedsAsync("one message is scheduled and nothing else left", async () =>
        {
            var counts = await CountsAsync(input);
            Assert.Equal((0, 1, 0), (counts.ActiveMessageCount, counts.ScheduledMessageCount, counts.DeadLetterMessageCount));
        });
    }

    /// <summary>NServiceBus sets MaxDeliveryCount to the largest integer and counts itself.</summary>
    [Fact]
    public async Task A_message_can_be_given_back_again_and_again()
    {
        var queue = await CreateQueueAsync(options => options.MaxDeliveryCount = int.MaxValue);
        await SendAsync(queue, "again");
        var receiver = Receiver(queue);
        for (var attempt = 1; attempt <= 50; attempt++)
        {
            var message = await ReceiveAsync(receiver);
            Assert.Equal(attempt, message.DeliveryCount);
            await receiver.AbandonMessageAsync(message, new Dictionary<string, object> { ["attempt"] = attempt });
        }

        var last = await ReceiveAsync(receiver);
        Assert.Equal((51, 50), (last.DeliveryCount, (int)last.ApplicationProperties["attempt"]));
    }

    /// <summary>
    /// MassTransit's and Rebus' replies: a queue of the process's own, which lives as long as somebody receives from it,
    /// however little comes, and goes afterwards.
    /// </summary>
    [Fact]
    public async Task A_reply_queue_lives_with_its_receiver_and_goes_after_it()
    {
        var (service, replies) =
            (await CreateQueueAsync(), await CreateQueueAsync(options => options.AutoDeleteOnIdle = TimeSpan.FromMinutes(5)));
        var client = NewClient();
        var receiver = client.CreateReceiver(replies);
        var waiting = receiver.ReceiveMessageAsync(Soon);
        await Sender(service).SendMessageAsync(new ServiceBusMessage("question") { ReplyTo = replies, CorrelationId = "1" });
        var question = await ReceiveAsync(Receiver(service));
        await using (var answering = Client.CreateSender(question.ReplyTo))
        {
            await answering.SendMessageAsync(new ServiceBusMessage("answer") { CorrelationId = question.CorrelationId });
        }

        Assert.Equal("1", (await waiting).CorrelationId);
        await receiver.CompleteMessageAsync(await waiting);
        for (var minutes = 0; minutes < 12; minutes += 4)
        {
            await PassAsync(TimeSpan.FromMinutes(4));
            Assert.True(await Admin.QueueExistsAsync(replies));
        }

        // The client does not wait for the end of a link; what is answered behind it on the same
        // connection shows that the broker has seen it.
        await receiver.CloseAsync();
        await client.CreateSender(service).SendMessageAsync(new ServiceBusMessage("behind the end of the link"));
        await PassAsync(TimeSpan.FromMinutes(6));
        await Eventually.SucceedsAsync("the queue goes", async () => Assert.False(await Admin.QueueExistsAsync(replies)));
        await AssertFailsAsync(
            ServiceBusFailureReason.MessagingEntityNotFound, () => Sender(replies).SendMessageAsync(new ServiceBusMessage("too late")));
    }

    [Fact]
    public async Task Many_sessions_are_worked_off_in_order_by_a_few_at_a_time()
    {
        const int Sessions = 20;
        const int Each = 5;
        var queue = await CreateQueueAsync(options => options.RequiresSession = true);
        var sender = Sender(queue);
        for (var number = 0; number < Each; number++)
        {
            await sender.SendMessagesAsync(
                Enumerable.Range(0, Sessions).Select(session => new ServiceBusMessage($"{number}") { SessionId = $"s{session}" }));
        }

        var handled = new ConcurrentDictionary<string, ConcurrentQueue<string>>();
        var (running, most, left) = (0, 0, Sessions * Each);
        var done = new TaskCompletionSource();
        var processor = Owned(Client.CreateSessionProcessor(queue, new ServiceBusSessionProcessorOptions
        {
            MaxConcurrentSessions = 4,
            MaxConcurrentCallsPerSession = 1,
            SessionIdleTimeout = TimeSpan.FromMilliseconds(200),
            PrefetchCount = 2,
        }));
        processor.ProcessErrorAsync += error =>
        {
            done.TrySetException(error.Exception);
            return Task.CompletedTask;
        };
        processor.SessionInitializingAsync += _ =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref running));
            return Task.CompletedTask;
        };
        processor.SessionClosingAsync += _ =>
        {
            Interlocked.Decrement(ref running);
            return Task.CompletedTask;
        };
        processor.ProcessMessageAsync += received =>
        {
            handled.GetOrAdd(received.SessionId, _ => new()).Enqueue(received.Message.Body.ToString());
            if (Interlocked.Decrement(ref left) == 0)
            {
                done.TrySetResult();
            }

            return Task.CompletedTask;
        };
        await processor.StartProcessingAsync();
        await done.Task.WaitAsync(TimeSpan.FromMinutes(1));
        await processor.StopProcessingAsync();

        Assert.Equal(Sessions, handled.Count);
        Assert.All(handled.Values, bodies => Assert.Equal(Enumerable.Range(0, Each).Select(number => $"{number}"), bodies));
        Assert.InRange(most, 1, 4);
        Assert.Equal(0, (await CountsAsync(queue)).ActiveMessageCount);
    }

    /// <summary>
    /// A framework's receivers ask for the next session over and over: a wait without one ends as the service
    /// ends it, and the receiver's next wait works.
    /// </summary>
    [Fact]
    public async Task A_wait_for_a_session_that_does_not_come_times_out_and_the_next_one_gets_it()
    {
        var queue = await CreateQueueAsync(options => options.RequiresSession = true);
        var impatient = NewClient(tryTimeout: TimeSpan.FromMilliseconds(500));
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await AssertFailsAsync(ServiceBusFailureReason.ServiceTimeout, () => impatient.AcceptNextSessionAsync(queue));
        }

        var waits = Enumerable.Range(0, 8).Select(_ => Client.AcceptNextSessionAsync(queue)).ToList();
        await Sender(queue)
            .SendMessagesAsync(Enumerable.Range(0, 8).Select(number => new ServiceBusMessage("x") { SessionId = $"s{number}" }));

        var sessions = await Task.WhenAll(waits).WaitAsync(Soon);
        Assert.Equal(Enumerable.Range(0, 8).Select(number => $"s{number}"), sessions.Select(session => session.SessionId).Order());
    }

    [Fact]
    public async Task Receive_and_delete_with_prefetch_gives_each_message_once()
    {
        const int Count = 200;
        var queue = await CreateQueueAsync();
        await Sender(queue).SendMessagesAsync(Enumerable.Range(0, Count).Select(number => new ServiceBusMessage($"{number}")));
        var receiver = Receiver(
            queue, new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete, PrefetchCount = 30 });

        var received = await ReceiveAsync(receiver, Count);

        Assert.Equal(Enumerable.Range(0, Count).Select(number => $"{number}"), received.Select(message => message.Body.ToString()));
        Assert.Equal(0, (await CountsAsync(queue)).TotalMessageCount);
    }

    /// <summary>Duplicates are found when a message is submitted, not when it becomes active.</summary>
    [Fact]
    public async Task A_scheduled_message_and_one_that_is_sent_at_once_can_be_duplicates()
    {
        var queue = await CreateQueueAsync(options => options.RequiresDuplicateDetection = true);
        var sender = Sender(queue);
        await sender.ScheduleMessageAsync(new ServiceBusMessage("first") { MessageId = "x" }, Now + TimeSpan.FromMinutes(2));
        await sender.SendMessageAsync(new ServiceBusMessage("second") { MessageId = "x" });
        await sender.SendMessageAsync(
            new ServiceBusMessage("third") { MessageId = "x", ScheduledEnqueueTime = Now + TimeSpan.FromMinutes(1) });
        Assert.Equal((0, 1), ((await CountsAsync(queue)).ActiveMessageCount, (await CountsAsync(queue)).ScheduledMessageCount));

        await PassAsync(TimeSpan.FromMinutes(2));

        var receiver = Receiver(queue);
        Assert.Equal("first", (await ReceiveAsync(receiver)).Body.ToString());
        await AssertNothingArrivesAsync(receiver);
    }

    /// <summary>
    /// Rebus defers by sending a copy for later in the same transaction in which it completes the
    /// message, and again when that comes too early.
    /// </summary>
    [Fact]
    public async Task A_message_is_put_off_by_a_copy_for_later()
    {
        var queue = await CreateQueueAsync();
        var (sender, receiver) = (Sender(queue), Receiver(queue));
        await sender.SendMessageAsync(new ServiceBusMessage("task") { ApplicationProperties = { ["rbs2-defer-count"] = 0 } });
        for (var count = 1; count <= 3; count++)
        {
            var message = await ReceiveAsync(receiver);
            var copy = new ServiceBusMessage(message) { ScheduledEnqueueTime = Now + TimeSpan.FromMinutes(1) };
            copy.ApplicationProperties["rbs2-defer-count"] = count;
            using (var scope = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
            {
                await sender.SendMessageAsync(copy);
                await receiver.CompleteMessageAsync(message);
                scope.Complete();
            }

            await AssertNothingArrivesAsync(receiver);
            await PassAsync(TimeSpan.FromMinutes(1));
        }

        var last = await ReceiveAsync(receiver);
        Assert.Equal(("task", 3, 1), (last.Body.ToString(), (int)last.ApplicationProperties["rbs2-defer-count"], last.DeliveryCount));
    }

    /// <summary>
    /// Error handlers write whole exceptions; the limit of the service is 4096 characters each,
    /// whatever the size of the message already is.
    /// </summary>
    [Fact]
    public async Task A_dead_letter_holds_long_error_texts_also_of_a_message_as_large_as_allowed()
    {
        var queue = await CreateQueueAsync();
        var reason = string.Concat(Enumerable.Repeat("System.InvalidOperationException: größer ✓\r\n   at A.B()\r\n", 100))[..4096];
        var description = new string('ü', 4096);
        var body = new byte[255 * 1024];
        await Sender(queue).SendMessageAsync(new ServiceBusMessage(new BinaryData(body)));
        var receiver = Receiver(queue);
        await receiver.DeadLetterMessageAsync(
            await ReceiveAsync(receiver), new Dictionary<string, object> { ["rbs2-error-details"] = description }, reason, description);

        var dead = await ReceiveAsync(DeadLetterReceiver(queue));

        Assert.Equal(
            (reason, description, body.Length), (dead.DeadLetterReason, dead.DeadLetterErrorDescription, dead.Body.ToMemory().Length));
        Assert.Equal(description, dead.ApplicationProperties["rbs2-error-details"]);
    }

    /// <summary>A subscription that gets another rule while it is in use: what it has stays, what comes goes by the new rule.</summary>
    [Fact]
    public async Task A_rule_that_is_changed_counts_from_then_on()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "sub", rule: new CreateRuleOptions("types", new SqlRuleFilter("type LIKE '%OrderPlaced%'")));
        var (sender, receiver) = (Sender(topic), Receiver(topic, "sub"));
        await SendTypeAsync("OrderPlaced");
        await SendTypeAsync("OrderShipped");

        var rule = (await Admin.GetRuleAsync(topic, "sub", "types")).Value;
        rule.Filter = new SqlRuleFilter("type LIKE '%OrderShipped%'");
        await Admin.UpdateRuleAsync(topic, "sub", rule);
        await SendTypeAsync("OrderShipped");
        await SendTypeAsync("OrderPlaced");

        var received = await ReceiveAsync(receiver, 2);
        Assert.Equal(["OrderPlaced", "OrderShipped"], received.Select(message => (string)message.ApplicationProperties["type"]));
        await AssertNothingArrivesAsync(receiver);

        Task SendTypeAsync(string type) =>
            sender.SendMessageAsync(new ServiceBusMessage(type) { ApplicationProperties = { ["type"] = type } });
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
