using KedaJobs.Contracts;
using KedaJobs.Jobs;

namespace KedaJobs.Worker;

/// <summary>The contracts of the sample's tasks, as the library takes them.</summary>
internal static class SampleTasks
{
    /// <summary>Lets a handler do the jobs of a task, with input that the task's contract has checked.</summary>
    public static QueueJobBuilder AddTask<TInput, TOutput>(
        this QueueJobBuilder job, JobTask<TInput, TOutput> task, Func<IServiceProvider, IJobHandler<TInput, TOutput>> create)
        where TInput : class
        where TOutput : class =>
        job.AddTaskHandler(
            task.Name,
            json =>
            {
                var (input, errors) = task.Read(json);
                return input ?? throw new JobRejectedException(
                    "InvalidInput", string.Join(" ", errors.Select(error => $"{error.FieldOf("input")}: {error.Message}")));
            },
            (writer, output) => task.Write(writer, output),
            create);
}
