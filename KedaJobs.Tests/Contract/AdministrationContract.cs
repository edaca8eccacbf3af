using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Contract;

public sealed class AdministrationContract : ServiceBusContract
{
    [Fact]
    public async Task A_queue_has_the_defaults()
    {
        var queue = (await Admin.GetQueueAsync(await CreateQueueAsync())).Value;

        Assert.Equal(TimeSpan.FromMinutes(1), queue.LockDuration);
        Assert.Equal(10, queue.MaxDeliveryCount);
        Assert.Equal(TimeSpan.MaxValue, queue.DefaultMessageTimeToLive);
        Assert.Equal(TimeSpan.MaxValue, queue.AutoDeleteOnIdle);
        Assert.Equal(1024, queue.MaxSizeInMegabytes);
        Assert.Equal(EntityStatus.Active, queue.Status);
        Assert.False(queue.RequiresSession);
        Assert.False(queue.RequiresDuplicateDetection);
        Assert.False(queue.DeadLetteringOnMessageExpiration);
        Assert.True(queue.EnableBatchedOperations);
        Assert.Null(queue.ForwardTo);
    }

    [Fact]
    public async Task A_queue_has_what_it_was_created_with()
    {
        var target = await CreateQueueAsync();
        var name = await CreateQueueAsync(options =>
        {
            options.LockDuration = TimeSpan.FromSeconds(30);
            options.MaxDeliveryCount = 3;
            options.DefaultMessageTimeToLive = TimeSpan.FromHours(5);
            options.RequiresDuplicateDetection = true;
            options.DuplicateDetectionHistoryTimeWindow = TimeSpan.FromMinutes(5);
            options.RequiresSession = true;
            options.DeadLetteringOnMessageExpiration = true;
            options.ForwardDeadLetteredMessagesTo = target;
            options.UserMetadata = "a <note> & more";
        });

        var queue = (await Admin.GetQueueAsync(name)).Value;

        Assert.Equal(name, queue.Name);
        Assert.Equal(TimeSpan.FromSeconds(30), queue.LockDuration);
        Assert.Equal(3, queue.MaxDeliveryCount);
        Assert.Equal(TimeSpan.FromHours(5), queue.DefaultMessageTimeToLive);
        Assert.True(queue.RequiresDuplicateDetection);
        Assert.Equal(TimeSpan.FromMinutes(5), queue.DuplicateDetectionHistoryTimeWindow);
        Assert.True(queue.RequiresSession);
        Assert.True(queue.DeadLetteringOnMessageExpiration);
        Assert.EndsWith(target, queue.ForwardDeadLetteredMessagesTo, StringComparison.Ordinal);
        Assert.Equal("a <note> & more", queue.UserMetadata);
    }

    [Fact]
    public async Task A_queue_can_be_changed()
    {
        var name = await CreateQueueAsync();
        var queue = (await Admin.GetQueueAsync(name)).Value;
        queue.MaxDeliveryCount = 7;
        queue.LockDuration = TimeSpan.FromSeconds(15);

        await Admin.UpdateQueueAsync(queue);

        var changed = (await Admin.GetQueueAsync(name)).Value;
        Assert.Equal((7, TimeSpan.FromSeconds(15)), (changed.MaxDeliveryCount, changed.LockDuration));
    }

    [Fact]
    public async Task A_deleted_queue_is_gone_with_its_messages()
    {
        var name = await CreateQueueAsync();
        await SendAsync(name, "gone");
        Assert.True(await Admin.QueueExistsAsync(name));

        await Admin.DeleteQueueAsync(name);

        Assert.False(await Admin.QueueExistsAsync(name));
        await Admin.CreateQueueAsync(name);
        Assert.Equal(0, (await CountsAsync(name)).TotalMessageCount);
    }

    [Fact]
    public async Task Queues_are_listed()
    {
        var names = new List<string> { await CreateQueueAsync(), await CreateQueueAsync(), await CreateQueueAsync() };
        var listed = new List<string>();
        await foreach (var queue in Admin.GetQueuesAsync())
        {
            listed.Add(queue.Name);
        }

        Assert.Superset(names.ToHashSet(), listed.ToHashSet());
    }

    [EmbeddedFact]
    public async Task A_long_list_comes_in_pages()
    {
        var names = Enumerable.Range(0, 230).Select(i => $"queue-{i:000}").ToList();
        foreach (var name in names)
        {
            await Admin.CreateQueueAsync(name);
        }

        var listed = new List<string>();
        await foreach (var queue in Admin.GetQueuesRuntimePropertiesAsync())
        {
            listed.Add(queue.Name);
        }

        Assert.Equal(names, listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Runtime_properties_count_each_kind_of_message()
    {
        var queue = await CreateQueueAsync();
        await SendAsync(queue, "active", "locked", "dead", "deferred");
        var receiver = Receiver(queue);
        var messages = await ReceiveAsync(receiver, 4);
        await receiver.AbandonMessageAsync(messages[0]);
        await receiver.DeadLetterMessageAsync(messages[2]);
        await receiver.DeferMessageAsync(messages[3]);
        await Sender(queue).ScheduleMessageAsync(new ServiceBusMessage("later"), TimeProvider.System.GetUtcNow().AddHours(1));

        var counts = await CountsAsync(queue);

        Assert.Equal(3, counts.ActiveMessageCount);
        Assert.Equal(1, counts.DeadLetterMessageCount);
        Assert.Equal(1, counts.ScheduledMessageCount);
        Assert.Equal(5, counts.TotalMessageCount);
        Assert.True(counts.SizeInBytes > 0);
        Assert.InRange(counts.CreatedAt, TimeProvider.System.GetUtcNow().AddMinutes(-5), TimeProvider.System.GetUtcNow().AddMinutes(5));
        Assert.True(counts.UpdatedAt >= counts.CreatedAt);
        Assert.True(counts.AccessedAt >= counts.CreatedAt);
    }

    [EmbeddedFact]
    public async Task Times_tell_when_a_queue_was_created_changed_and_used()
    {
        var name = await CreateQueueAsync();
        var created = (await CountsAsync(name)).CreatedAt;

        await PassAsync(TimeSpan.FromMinutes(1));
        await SendAsync(name, "x");
        var used = await CountsAsync(name);
        await PassAsync(TimeSpan.FromMinutes(1));
        var queue = (await Admin.GetQueueAsync(name)).Value;
        queue.MaxDeliveryCount = 3;
        await Admin.UpdateQueueAsync(queue);
        var changed = await CountsAsync(name);

        Assert.Equal((created, created, created.AddMinutes(1)), (used.CreatedAt, used.UpdatedAt, used.AccessedAt));
        Assert.Equal((created, created.AddMinutes(2), created.AddMinutes(1)), (changed.CreatedAt, changed.UpdatedAt, changed.AccessedAt));
    }

    [EmbeddedFact]
    public async Task A_queue_that_nobody_uses_is_deleted_when_it_says_so()
    {
        var idle = await CreateQueueAsync(options => options.AutoDeleteOnIdle = TimeSpan.FromMinutes(5));
        var used = await CreateQueueAsync(options => options.AutoDeleteOnIdle = TimeSpan.FromMinutes(5));
        await SendAsync(used, "x");
        await ReceiveAsync(Receiver(used));

        await PassAsync(TimeSpan.FromMinutes(3));
        await SendAsync(idle, "x");
        await PassAsync(TimeSpan.FromMinutes(3));
        Assert.True(await Admin.QueueExistsAsync(idle));
        await PassAsync(TimeSpan.FromMinutes(3));

        await Eventually.SucceedsAsync("the idle queue is deleted", async () => Assert.False(await Admin.QueueExistsAsync(idle)));
        Assert.True(await Admin.QueueExistsAsync(used));
    }

    [Fact]
    public async Task A_second_queue_of_the_name_is_refused()
    {
        var name = await CreateQueueAsync();

        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityAlreadyExists, () => Admin.CreateQueueAsync(name));
    }

    [Fact]
    public async Task A_missing_queue_is_not_found()
    {
        var name = $"missing-{Guid.NewGuid():N}";

        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => Admin.GetQueueAsync(name));
        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => Admin.GetQueueRuntimePropertiesAsync(name));
        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => Admin.DeleteQueueAsync(name));
        Assert.False(await Admin.QueueExistsAsync(name));
    }

    [Fact]
    public async Task A_value_out_of_range_is_refused() => await Assert.ThrowsAsync<ArgumentException>(
        () => Admin.CreateQueueAsync(new CreateQueueOptions($"bad-{Guid.NewGuid():N}") { LockDuration = TimeSpan.FromMinutes(6) }));

    [Fact]
    public async Task Names_ignore_case()
    {
        var name = await CreateQueueAsync();
        await SendAsync(name.ToUpperInvariant(), "x");

        Assert.Equal("x", (await ReceiveAsync(Receiver(name))).Body.ToString());
        Assert.True(await Admin.QueueExistsAsync(name.ToUpperInvariant()));
    }

    [Fact]
    public async Task A_queue_is_shown_in_lower_case()
    {
        var name = await CreateQueueAsync(options => options.Name = $"Contract.Orders-{Guid.NewGuid():N}");
        var shown = name.ToLowerInvariant();

        var queue = (await Admin.GetQueueAsync(name)).Value;

        Assert.Equal(shown, queue.Name);
        Assert.Equal(shown, (await Admin.UpdateQueueAsync(queue)).Value.Name);
        Assert.Equal(shown, (await Admin.GetQueueRuntimePropertiesAsync(name)).Value.Name);
        Assert.Contains(shown, await Admin.GetQueuesAsync().Select(listed => listed.Name).ToListAsync());
    }
}
