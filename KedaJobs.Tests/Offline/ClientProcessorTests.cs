using System.Collections.Concurrent;
using Amqp;
using Amqp.Framing;
using Azure.Messaging.ServiceBus;
using KedaJobs.Tests.Offline.Support;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Offline;

public sealed class ClientProcessorTests : IDisposable
{
    private readonly ScriptedService _service = new();
    private readonly ConcurrentQueue<ProcessErrorEventArgs> _errors = new();

    public void Dispose() => _service.Dispose();

    [Fact]
    public void Defaults_are_the_real_ones()
    {
        var options = new ServiceBusProcessorOptions();

        Assert.True(options.AutoCompleteMessages);
        Assert.Equal(1, options.MaxConcurrentCalls);
        Assert.Equal(TimeSpan.FromMinutes(5), options.MaxAutoLockRenewalDuration);
        Assert.Equal(0, options.PrefetchCount);
        Assert.Throws<ArgumentOutOfRangeException>(() => options.MaxConcurrentCalls = 0);
    }

    [Fact]
    public async Task Handled_messages_are_completed()
    {
        Deliver(3);
        await using var client = _service.CreateClient();
        await using var processor = client.CreateProcessor("jobs");
        var seen = new ConcurrentQueue<string>();
        await StartAsync(processor, args =>
        {
            seen.Enqueue(args.Message.Body.ToString());
            return Task.CompletedTask;
        });

        await Eventually.SucceedsAsync("all are settled", () => Assert.Equal(3, _service.Outcomes.Count));

        Assert.Equal(["0", "1", "2"], seen);
        Assert.All(_service.Outcomes, outcome => Assert.IsType<Accepted>(outcome));
        Assert.Empty(_errors);
    }

    [Fact]
    public async Task A_message_whose_handler_fails_is_abandoned_and_the_error_told()
    {
        Deliver(1);
        await using var client = _service.CreateClient();
        await using var processor = client.CreateProcessor("jobs", new ServiceBusProcessorOptions { AutoCompleteMessages = false });
        await StartAsync(processor, _ => throw new InvalidOperationException("no good"));

        await Eventually.SucceedsAsync("it is settled", () => Assert.IsType<Modified>(Assert.Single(_service.Outcomes)));

        var error = Assert.Single(_errors);
        Assert.Equal(("no good", ServiceBusErrorSource.ProcessMessageCallback, "jobs"), (error.Exception.Message, error.ErrorSource, error.EntityPath));
    }

    [Fact]
    public async Task What_the_handler_settled_is_left_alone()
    {
        Deliver(2);
        await using var client = _service.CreateClient();
        await using var processor = client.CreateProcessor("jobs");
        var handled = 0;
        await StartAsync(processor, async args =>
        {
            await args.DeadLetterMessageAsync(args.Message, "bad");
            if (Interlocked.Increment(ref handled) == 2)
            {
                throw new InvalidOperationException("after the settlement");
            }
        });

        await Eventually.SucceedsAsync("the error is told", () => Assert.Single(_errors));

        Assert.Equal(2, _service.Outcomes.Count);
        Assert.All(_service.Outcomes, outcome => Assert.IsType<Rejected>(outcome));
    }

    [Fact]
    public async Task No_more_handlers_run_at_once_than_allowed()
    {
        Deliver(30);
        await using var client = _service.CreateClient();
        await using var processor = client.CreateProcessor("jobs", new ServiceBusProcessorOptions { MaxConcurrentCalls = 4, PrefetchCount = 20 });
        var (running, peak) = (0, 0);
        using var full = new SemaphoreSlim(0);
        await StartAsync(processor, async _ =>
        {
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref peak, now);
            if (now == 4)
            {
                full.Release(1000);
            }

            await full.WaitAsync();
            Interlocked.Decrement(ref running);
        });

        await Eventually.SucceedsAsync("all are settled", () => Assert.Equal(30, _service.Outcomes.Count));

        Assert.Equal(4, peak);
    }

    [Fact]
    public async Task Stopping_waits_for_handlers_and_takes_nothing_new()
    {
        Deliver(1);
        await using var client = _service.CreateClient();
        await using var processor = client.CreateProcessor("jobs");
        var started = new TaskCompletionSource<CancellationToken>(TaskCreationOptions.RunContinuationsAsynchronously);
        var finish = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await StartAsync(processor, async args =>
        {
            started.SetResult(args.CancellationToken);
            await finish.Task;
        });
        var stopping = await started.Task;

        var stop = processor.StopProcessingAsync();

        Assert.True(stopping.IsCancellationRequested);
        Assert.False(stop.IsCompleted);
        finish.SetResult();
        await stop;
        Assert.False(processor.IsProcessing);
        Assert.IsType<Accepted>(Assert.Single(_service.Outcomes));
        Assert.Empty(_errors);
    }

    [Fact]
    public async Task Errors_of_receiving_are_told_and_the_processor_goes_on()
    {
        _service.Refusals.Enqueue(new Error(ErrorCode.NotFound) { Description = "no such queue" });
        Deliver(1);
        await using var client = _service.CreateClient();
        await using var processor = client.CreateProcessor("jobs");
        await StartAsync(processor, _ => Task.CompletedTask);

        await Eventually.SucceedsAsync("the message is settled", () => Assert.Single(_service.Outcomes));

        var error = Assert.Single(_errors);
        Assert.Equal(ServiceBusErrorSource.Receive, error.ErrorSource);
        Assert.Equal(ServiceBusFailureReason.MessagingEntityNotFound, Assert.IsType<ServiceBusException>(error.Exception).Reason);
    }

    [Fact]
    public async Task The_lock_is_renewed_while_the_handler_runs()
    {
        _service.Manage = (_, _) => new Message(new Amqp.Types.Map { ["expirations"] = new[] { DateTime.SpecifyKind(new DateTime(2040, 1, 1), DateTimeKind.Utc) } })
        {
            ApplicationProperties = ScriptedService.Status(200),
        };
        var message = NewMessage("0");
        message.MessageAnnotations = new MessageAnnotations { Map = { [new Amqp.Types.Symbol("x-opt-locked-until")] = DateTime.UnixEpoch } };
        _service.Deliveries.Enqueue(message);
        await using var client = _service.CreateClient();
        await using var processor = client.CreateProcessor("jobs");
        DateTimeOffset lockedUntil = default;
        await StartAsync(processor, async args =>
        {
            await Eventually.SucceedsAsync("the lock is renewed", () => Assert.Equal(2040, args.Message.LockedUntil.Year));
            lockedUntil = args.Message.LockedUntil;
        });

        await Eventually.SucceedsAsync("it is settled", () => Assert.Single(_service.Outcomes));

        Assert.Equal(2040, lockedUntil.Year);
        Assert.Equal(["com.microsoft:renew-lock"], _service.Operations);
    }

    [Fact]
    public async Task Handlers_are_assigned_once_and_before_the_start()
    {
        await using var client = _service.CreateClient();
        await using var processor = client.CreateProcessor("jobs");
        Func<ProcessMessageEventArgs, Task> handler = _ => Task.CompletedTask;

        await Assert.ThrowsAsync<InvalidOperationException>(() => processor.StartProcessingAsync());
        processor.ProcessMessageAsync += handler;
        Assert.Throws<NotSupportedException>(() => processor.ProcessMessageAsync += handler);
        Assert.Throws<ArgumentException>(() => processor.ProcessMessageAsync -= _ => Task.CompletedTask);
        processor.ProcessMessageAsync -= handler;
        await StartAsync(processor, handler);
        await Assert.ThrowsAsync<InvalidOperationException>(() => processor.StartProcessingAsync());
        Assert.Throws<InvalidOperationException>(() => processor.ProcessMessageAsync -= handler);
    }

    [Fact]
    public async Task Concurrency_can_change_while_it_runs()
    {
        await using var client = _service.CreateClient();
        await using var processor = client.CreateProcessor("jobs");
        var running = 0;
        using var go = new SemaphoreSlim(0);
        await StartAsync(processor, async _ =>
        {
            Interlocked.Increment(ref running);
            await go.WaitAsync();
        });

        processor.UpdateConcurrency(3);
        Deliver(3);
        _service.CutConnections();
        await Eventually.SucceedsAsync("three handlers run", () => Assert.Equal(3, Volatile.Read(ref running)));

        Assert.Equal(3, processor.MaxConcurrentCalls);
        processor.UpdateConcurrency(1);
        go.Release(10);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = target; value > seen; seen = target)
        {
            if (Interlocked.CompareExchange(ref target, value, seen) == seen)
            {
                return;
            }
        }
    }

    private static Message NewMessage(string body) => new() { BodySection = new Data { Binary = System.Text.Encoding.UTF8.GetBytes(body) } };

    private Task StartAsync(ServiceBusProcessor processor, Func<ProcessMessageEventArgs, Task> handler)
    {
        processor.ProcessMessageAsync += handler;
        processor.ProcessErrorAsync += args =>
        {
            _errors.Enqueue(args);
            return Task.CompletedTask;
        };
        return processor.StartProcessingAsync();
    }

    private void Deliver(int count)
    {
        for (var i = 0; i < count; i++)
        {
            // The lock must outlast the test: an unknown one is renewed at once.
            var message = NewMessage($"{i}");
            message.MessageAnnotations = new MessageAnnotations { Map = { [new Amqp.Types.Symbol("x-opt-locked-until")] = new DateTime(2100, 1, 1, 0, 0, 0, DateTimeKind.Utc) } };
            _service.Deliveries.Enqueue(message);
        }
    }
}
