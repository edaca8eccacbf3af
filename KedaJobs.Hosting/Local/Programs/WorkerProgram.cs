namespace KedaJobs.Hosting.Local.Programs;

/// <summary>How to run a project's built output: the program and the arguments that come before the resource's own.</summary>
internal sealed record WorkerProgram(string FileName, IReadOnlyList<string> LeadingArguments, string WorkingDirectory)
{
    /// <summary>The file that the build makes: it can vanish (dotnet clean) while the AppHost runs.</summary>
    public required string Target { get; init; }

    public bool Exists() => File.Exists(Target);
}

/// <summary>Finds what a worker's executions run.</summary>
internal interface IWorkerProgramLocator
{
    /// <summary>Whether finding it may take minutes: an image has to be built first.</summary>
    bool IsSlow => false;

    /// <exception cref="WorkerProgramException">There is nothing that can be run; the message says why and what to do.</exception>
    Task<WorkerProgram> LocateAsync(CancellationToken cancellationToken);
}

/// <summary>The worker cannot be run. The message says why and what to do.</summary>
internal sealed class WorkerProgramException(string message, Exception? innerException = null)
    : InvalidOperationException(message, innerException);
