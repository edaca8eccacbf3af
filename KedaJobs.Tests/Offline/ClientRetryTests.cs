using System.Net.Sockets;
using Amqp;
using Amqp.Framing;
using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Transport;

namespace KedaJobs.Tests.Offline;

public sealed class ClientRetryTests
{
    private static readonly ServiceBusException Passing = new("busy line", ServiceBusFailureReason.ServiceCommunicationProblem);

    public static TheoryData<string, ServiceBusFailureReason, bool> Reasons => new()
    {
        { "amqp:not-found", ServiceBusFailureReason.MessagingEntityNotFound, false },
        { "com.microsoft:message-lock-lost", ServiceBusFailureReason.MessageLockLost, false },
        { "com.microsoft:session-lock-lost", ServiceBusFailureReason.SessionLockLost, false },
        { "com.microsoft:session-cannot-be-locked", ServiceBusFailureReason.SessionCannotBeLocked, false },
        { "com.microsoft:message-not-found", ServiceBusFailureReason.MessageNotFound, false },
        { "com.microsoft:server-busy", ServiceBusFailureReason.ServiceBusy, true },
        { "com.microsoft:timeout", ServiceBusFailureReason.ServiceTimeout, true },
        { "com.microsoft:entity-disabled", ServiceBusFailureReason.MessagingEntityDisabled, false },
        { "com.microsoft:entity-already-exists", ServiceBusFailureReason.MessagingEntityAlreadyExists, false },
        { "amqp:resource-limit-exceeded", ServiceBusFailureReason.QuotaExceeded, false },
        { "amqp:link:message-size-exceeded", ServiceBusFailureReason.MessageSizeExceeded, false },
        { "amqp:connection:forced", ServiceBusFailureReason.ServiceCommunicationProblem, true },
        { "amqp:link:detach-forced", ServiceBusFailureReason.ServiceCommunicationProblem, true },
        { "amqp:internal-error", ServiceBusFailureReason.GeneralError, true },
    };

    [Theory]
    [MemberData(nameof(Reasons))]
    public void An_error_condition_has_one_reason(string condition, ServiceBusFailureReason reason, bool isTransient)
    {
        var error = Assert.IsType<ServiceBusException>(Errors.FromAmqp(new Error(condition) { Description = "why" }));

        Assert.Equal((reason, isTransient), (error.Reason, error.IsTransient));
        Assert.Equal($"why ({reason})", error.Message);
    }

    [Theory]
    [InlineData("amqp:unauthorized-access", typeof(UnauthorizedAccessException))]
    [InlineData("com.microsoft:auth-failed", typeof(UnauthorizedAccessException))]
    [InlineData("amqp:not-allowed", typeof(InvalidOperationException))]
    [InlineData("amqp:not-implemented", typeof(NotSupportedException))]
    [InlineData("com.microsoft:argument-error", typeof(ArgumentException))]
    [InlineData("com.microsoft:argument-out-of-range", typeof(ArgumentOutOfRangeException))]
    public void Some_conditions_are_exceptions_of_the_framework(string condition, Type type) =>
        Assert.IsType(type, Errors.FromAmqp(new Error(condition) { Description = "why" }));

    [Fact]
    public void Transport_failures_are_communication_problems()
    {
        Assert.Equal(ServiceBusFailureReason.ServiceCommunicationProblem, Reason(new SocketException((int)SocketError.ConnectionRefused)));
        Assert.Equal(ServiceBusFailureReason.ServiceCommunicationProblem, Reason(new IOException("gone")));
        Assert.Equal(ServiceBusFailureReason.ServiceTimeout, Reason(new TimeoutException()));
        Assert.Equal(ServiceBusFailureReason.MessageLockLost, Reason(new AmqpException(new Error("com.microsoft:message-lock-lost"))));
    }

    [Fact]
    public void Defaults_are_the_real_ones()
    {
        var options = new ServiceBusRetryOptions();

        Assert.Equal(ServiceBusRetryMode.Exponential, options.Mode);
        Assert.Equal(3, options.MaxRetries);
        Assert.Equal(TimeSpan.FromSeconds(0.8), options.Delay);
        Assert.Equal(TimeSpan.FromMinutes(1), options.MaxDelay);
        Assert.Equal(TimeSpan.FromMinutes(1), options.TryTimeout);
        Assert.Throws<ArgumentOutOfRangeException>(() => options.MaxRetries = 101);
        Assert.Throws<ArgumentOutOfRangeException>(() => options.Delay = TimeSpan.Zero);
        Assert.Throws<ArgumentOutOfRangeException>(() => options.TryTimeout = TimeSpan.Zero);
    }

    [Theory]
    [InlineData(1, 1.6)]
    [InlineData(2, 3.2)]
    [InlineData(3, 6.4)]
    public void Delays_double_with_a_little_jitter(int attempt, double seconds)
    {
        var delay = new ServiceBusRetryOptions().ToRetryPolicy().CalculateRetryDelay(Passing, attempt);

        Assert.InRange(delay!.Value.TotalSeconds, seconds, seconds + (0.8 * 0.08));
    }

    [Fact]
    public void Delays_end_at_the_maximum_and_retries_after_theirs()
    {
        var policy = new ServiceBusRetryOptions { MaxRetries = 10, MaxDelay = TimeSpan.FromSeconds(5) }.ToRetryPolicy();

        Assert.Equal(TimeSpan.FromSeconds(5), policy.CalculateRetryDelay(Passing, 10));
        Assert.Null(policy.CalculateRetryDelay(Passing, 11));
        Assert.Null(policy.CalculateRetryDelay(new ServiceBusException("lost", ServiceBusFailureReason.MessageLockLost), 1));
        Assert.NotNull(policy.CalculateRetryDelay(new UnauthorizedAccessException(), 1));
    }

    [Fact]
    public async Task A_passing_error_is_tried_again()
    {
        var tries = 0;
        var result = await RunAsync(3, () => ++tries < 3 ? throw Passing : 42);

        Assert.Equal((42, 3), (result, tries));
    }

    [Fact]
    public async Task The_last_error_is_thrown_when_the_retries_are_used_up()
    {
        var tries = 0;
        var error = await Assert.ThrowsAsync<ServiceBusException>(() => RunAsync(2, () => ++tries > 0 ? throw new IOException("cut") : 0));

        Assert.Equal(3, tries);
        Assert.Equal("jobs", error.EntityPath);
        Assert.IsType<IOException>(error.InnerException);
    }

    [Fact]
    public async Task A_lasting_error_is_thrown_at_once()
    {
        var tries = 0;
        await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(3, () => ++tries > 0 ? throw new InvalidOperationException() : 0));

        Assert.Equal(1, tries);
    }

    [Fact]
    public async Task Cancellation_ends_the_wait_between_tries()
    {
        using var cancel = new CancellationTokenSource();
        var options = new ServiceBusRetryOptions { Delay = TimeSpan.FromMinutes(5), MaxDelay = TimeSpan.FromMinutes(5) };
        var run = options.ToRetryPolicy().RunAsync<int, int>(
            (_, _, _) => throw Passing, 0, () => false, "jobs", cancel.Token);

        Assert.False(run.IsCompleted);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Theory]
    [InlineData(60, 50)]
    [InlineData(30, 20)]
    [InlineData(10, 5)]
    [InlineData(0.3, 0)]
    [InlineData(-5, 0)]
    public void Locks_are_renewed_in_good_time(double secondsLeft, double expected)
    {
        var now = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

        Assert.Equal(TimeSpan.FromSeconds(expected), LockRenewal.DelayUntilRenewal(now.AddSeconds(secondsLeft), now));
    }

    private static ServiceBusFailureReason Reason(Exception exception) => Assert.IsType<ServiceBusException>(Errors.Translate(exception)).Reason;

    private static Task<int> RunAsync(int maxRetries, Func<int> operation)
    {
        var options = new ServiceBusRetryOptions { MaxRetries = maxRetries, Delay = TimeSpan.FromMilliseconds(1), Mode = ServiceBusRetryMode.Fixed };
        return options.ToRetryPolicy().RunAsync((run, _, _) => Task.FromResult(run()), operation, () => false, "jobs", CancellationToken.None);
    }
}
