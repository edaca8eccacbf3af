using System.Diagnostics.CodeAnalysis;

namespace KedaJobs.Contracts;

/// <summary>
/// The tasks that producer and worker both know. A task of your own: its input and output records beside these, both named in
/// <see cref="MessagesJsonContext"/>, a line here, and a handler in KedaJobs.Worker/Handlers.
/// </summary>
public static class JobTasks
{
    /// <summary>Counts words, characters, lines and sentences of a document.</summary>
    public static JobTask<WordCountInput, WordCountOutput> WordCount { get; } = new(
        "wordcount",
        "Text statistics of the given document.",
        () => MessagesJsonContext.Default.WordCountInput,
        () => MessagesJsonContext.Default.WordCountOutput);

    /// <summary>Counts the prime numbers up to a limit: work for the processor.</summary>
    public static JobTask<PrimesInput, PrimesOutput> Primes { get; } = new(
        "primes",
        "Counts the prime numbers up to a limit (processor work).",
        () => MessagesJsonContext.Default.PrimesInput,
        () => MessagesJsonContext.Default.PrimesOutput);

    /// <summary>Waits: work that is waiting for something else, as calls over a network are.</summary>
    public static JobTask<DelayInput, DelayOutput> Delay { get; } = new(
        "delay",
        "Waits for a while (as work that waits for a network does).",
        () => MessagesJsonContext.Default.DelayInput,
        () => MessagesJsonContext.Default.DelayOutput);

    /// <summary>Fails: to see retries and dead-lettering.</summary>
    public static JobTask<FailInput, FailOutput> Fail { get; } = new(
        "fail",
        "Fails, to see retries and dead-lettering.",
        () => MessagesJsonContext.Default.FailInput,
        () => MessagesJsonContext.Default.FailOutput);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<JobTask> All { get; } = [WordCount, Primes, Delay, Fail];

    /// <summary>Finds a task by its name; upper and lower case differ.</summary>
    /// <param name="name">The name.</param>
    /// <param name="task">The task, when there is one of that name.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryFind(string name, [NotNullWhen(true)] out JobTask? task)
    {
        task = All.FirstOrDefault(known => known.Name == name);
        return task is not null;
    }
}
