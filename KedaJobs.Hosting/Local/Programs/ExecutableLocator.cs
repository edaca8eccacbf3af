using Aspire.Hosting.ApplicationModel;

namespace KedaJobs.Hosting.Local.Programs;

/// <summary>
/// Finds the program of an executable resource as Aspire's orchestrator does: a bare name on PATH, anything else in the working directory.
/// </summary>
internal sealed class ExecutableLocator(ExecutableResource executable) : IWorkerProgramLocator
{
    public Task<WorkerProgram> LocateAsync(CancellationToken cancellationToken)
    {
        // Read each time: both can be set after the declaration. Aspire has made the folder absolute, from the AppHost's directory.
        var (command, folder) = (executable.Command, executable.WorkingDirectory);
        if (!Directory.Exists(folder))
        {
            throw new WorkerProgramException(
                $"The working directory {folder} of '{executable.Name}' does not exist. Correct the path passed to the executable.");
        }

        var file = CommandPath.Find(command, folder) ?? throw new WorkerProgramException(CommandPath.IsBare(command)
            ? $"The command '{command}' of '{executable.Name}' is not on PATH. Install it, or pass its full path."
            : $"The command {Path.GetFullPath(command, folder)} of '{executable.Name}' does not exist, or is not executable.");
        return Task.FromResult(new WorkerProgram(file, [], folder) { Target = file });
    }
}

/// <summary>A worker that cannot be run here.</summary>
internal sealed class NoProgram(string reason) : IWorkerProgramLocator
{
    public Task<WorkerProgram> LocateAsync(CancellationToken cancellationToken) =>
        Task.FromException<WorkerProgram>(new WorkerProgramException(reason));
}
