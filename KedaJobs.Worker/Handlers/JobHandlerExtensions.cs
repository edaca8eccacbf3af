using KedaJobs.Contracts;

namespace KedaJobs.Worker.Handlers;

/// <summary>Registration of handlers.</summary>
public static class JobHandlerExtensions
{
    /// <summary>Lets a handler do the jobs of a task. There is one handler for a task.</summary>
    /// <param name="services">The services of the worker.</param>
    /// <param name="task">The task's contract.</param>
    /// <param name="create">Makes the handler, once.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddJobHandler<TInput, TOutput>(
        this IServiceCollection services, JobTask<TInput, TOutput> task, Func<IServiceProvider, IJobHandler<TInput, TOutput>> create)
        where TInput : class
        where TOutput : class =>
        services.AddSingleton(provider =>
        {
            var handler = create(provider);
            return new JobHandlers.Handler(
                task,
                async (json, job, cancellationToken) =>
                {
                    var (input, errors) = task.Read(json);
                    return input is null
                        ? throw new JobRejectedException("InvalidInput", string.Join(" ", errors.Select(error => $"{error.FieldOf("input")}: {error.Message}")))
                        : task.Write(await handler.HandleAsync(input, job, cancellationToken).ConfigureAwait(false));
                });
        });
}
