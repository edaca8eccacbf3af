using System.Globalization;
using System.Net.Sockets;
using Azure;
using Azure.Messaging.ServiceBus;

namespace KedaJobs.Producer.Problems;

/// <summary>A failure of the broker as an HTTP answer (RFC 9457).</summary>
/// <param name="Status">The status code.</param>
/// <param name="Title">The kind of problem.</param>
/// <param name="Detail">What happened, and what to do.</param>
/// <param name="RetryAfter">When trying again makes sense; null when it does not before somebody has changed something.</param>
internal sealed record BrokerProblem(int Status, string Title, string Detail, TimeSpan? RetryAfter)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    /// <returns>The problem, or null when the exception does not come from the broker.</returns>
    public static BrokerProblem? Of(Exception exception, NeedsRole? role) => exception switch
    {
        // The administration client reports 401 as one exception and 403 as another with a reason that says "quota".
        _ when IsRefusal(exception) => new(
            StatusCodes.Status403Forbidden,
            "The producer is not allowed to do this.",
            role is null
                ? exception.Message
                : $"The producer's identity needs the role '{role.Role}' on {role.Scope}. Assign the role, or don't use this endpoint. "
                    + $"({exception.Message})",
            null),
        ServiceBusException { Reason: ServiceBusFailureReason.MessagingEntityNotFound } => new(
            StatusCodes.Status500InternalServerError, "The queue does not exist.", exception.Message, null),
        ServiceBusException { Reason: ServiceBusFailureReason.QuotaExceeded } => new(
            StatusCodes.Status503ServiceUnavailable, "The queue is full.", exception.Message, TimeSpan.FromSeconds(30)),
        ServiceBusException or RequestFailedException or SocketException or TimeoutException
        or AggregateException { InnerException: RequestFailedException } =>
            new(
                StatusCodes.Status503ServiceUnavailable, "The broker does not answer.", exception.Message, Soon),
        OperationCanceledException => new(
            StatusCodes.Status503ServiceUnavailable, "The broker does not answer.", "The broker took too long.", Soon),
        _ => null,
    };

    public IResult ToResult(HttpContext context, IDictionary<string, object?>? extensions = null)
    {
        if (RetryAfter is { } pause)
        {
            context.Response.Headers.RetryAfter = pause.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        }

        return TypedResults.Problem(Detail, statusCode: Status, title: Title, extensions: extensions);
    }

    private static bool IsRefusal(Exception exception) =>
        exception is UnauthorizedAccessException or RequestFailedException { Status: 401 or 403 }
        || exception.InnerException is RequestFailedException { Status: 401 or 403 };
}
