using Microsoft.AspNetCore.Diagnostics;

namespace KedaJobs.Producer.Problems;

/// <summary>Exceptions of endpoints as problem details: the broker's, and those of requests that could not be read.</summary>
internal sealed class ProblemHandler(ILogger<ProblemHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested)
        {
            return false;
        }

        if (exception is BadHttpRequestException bad)
        {
            await TypedResults.Problem(bad.Message, statusCode: bad.StatusCode, title: "The request is not valid.")
                .ExecuteAsync(httpContext);
            return true;
        }

        var endpoint = httpContext.Features.Get<IExceptionHandlerFeature>()?.Endpoint;
        if (BrokerProblem.Of(exception, NeedsRole.Of(endpoint)) is not { } problem)
        {
            return false;
        }

        logger.BrokerFailed(httpContext.Request.Method, httpContext.Request.Path, problem.Status, problem.Detail);
        await problem.ToResult(httpContext).ExecuteAsync(httpContext);
        return true;
    }
}
