using System.Net.Sockets;
using Azure;
using Azure.Messaging.ServiceBus;
using KedaJobs.Producer.Problems;

namespace KedaJobs.Tests.Producer;

public class BrokerProblemTests
{
    private static readonly NeedsRole Role = new("Azure Service Bus Data Owner", "the namespace");

    // what the client throws -> status, seconds after which to try again (0: not before something has changed)
    public static TheoryData<Exception, int, int> Failures => new()
    {
        { new ServiceBusException("gone", ServiceBusFailureReason.ServiceCommunicationProblem), 503, 5 },
        { new ServiceBusException("slow", ServiceBusFailureReason.ServiceTimeout), 503, 5 },
        { new ServiceBusException("busy", ServiceBusFailureReason.ServiceBusy), 503, 5 },
        { new ServiceBusException("full", ServiceBusFailureReason.QuotaExceeded), 503, 30 },
        { new ServiceBusException("no such queue", ServiceBusFailureReason.MessagingEntityNotFound), 500, 0 },
        { new SocketException(), 503, 5 },
        { new TimeoutException(), 503, 5 },
        { new TaskCanceledException(), 503, 5 },
        { new RequestFailedException("refused"), 503, 5 },
        { new AggregateException(new RequestFailedException("refused"), new RequestFailedException("refused")), 503, 5 },
        { new UnauthorizedAccessException("no claim"), 403, 0 },
        { new UnauthorizedAccessException("no claim", new RequestFailedException(401, "no claim")), 403, 0 },
        { new ServiceBusException(
            "no claim", ServiceBusFailureReason.QuotaExceeded, null, new RequestFailedException(403, "no claim")), 403, 0 },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void Failures_of_the_broker_have_a_status(Exception exception, int status, int retryAfter)
    {
        var problem = BrokerProblem.Of(exception, Role);

        Assert.NotNull(problem);
        Assert.Equal((status, retryAfter), (problem.Status, (int)(problem.RetryAfter?.TotalSeconds ?? 0)));
    }

    [Fact]
    public void A_refusal_names_the_role() => Assert.Equal(
        "The producer's identity needs the role 'Azure Service Bus Data Owner' on the namespace. "
            + "Assign the role, or don't use this endpoint. (no claim)",
        BrokerProblem.Of(new UnauthorizedAccessException("no claim"), Role)?.Detail);

    [Fact]
    public void Own_mistakes_are_not_the_brokers() => Assert.Null(BrokerProblem.Of(new InvalidOperationException(), Role));
}
