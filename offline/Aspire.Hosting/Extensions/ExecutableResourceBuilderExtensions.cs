using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static class ExecutableResourceBuilderExtensions
{
    public static IResourceBuilder<ExecutableResource> AddExecutable(this IDistributedApplicationBuilder builder, string name, string command, string workingDirectory,
        params string[]? args) => builder.AddExecutable(name, command, workingDirectory, (object[]?)args);

    public static IResourceBuilder<ExecutableResource> AddExecutable(this IDistributedApplicationBuilder builder, string name, string command, string workingDirectory,
        params object[]? args)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(command);
        ArgumentNullException.ThrowIfNull(workingDirectory);
        var directory = Path.GetFullPath(Path.Combine(builder.AppHostDirectory, workingDirectory));
        return builder.AddResource(new ExecutableResource(name, command, directory)).WithArgs(args ?? []);
    }

    public static IResourceBuilder<T> WithCommand<T>(this IResourceBuilder<T> builder, string command) where T : ExecutableResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(command);
        builder.Resource.Executable.Command = command;
        return builder;
    }

    public static IResourceBuilder<T> WithWorkingDirectory<T>(this IResourceBuilder<T> builder, string workingDirectory) where T : ExecutableResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(workingDirectory);
        builder.Resource.Executable.WorkingDirectory = Path.GetFullPath(Path.Combine(builder.ApplicationBuilder.AppHostDirectory, workingDirectory));
        return builder;
    }
}
