using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Processes;
using Aspire.Hosting.Projects;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>How the process of a resource is started: program, arguments and environment, with the placeholders that differ by replica still in them.</summary>
internal sealed record ProcessPlan(string FileName, IReadOnlyList<string> ProgramArguments, IReadOnlyList<(string Value, bool IsSensitive)> Arguments, string WorkingDirectory,
    IReadOnlyList<KeyValuePair<string, string>> Environment)
{
    /// <exception cref="DistributedApplicationException">A value could not be resolved, the program was not found or its build failed.</exception>
    public static async Task<ProcessPlan> CreateAsync(IResource resource, DistributedApplicationExecutionContext executionContext, string configuration,
        Func<Task> building, ILogger logger, CancellationToken cancellationToken)
    {
        var (fileName, programArguments, workingDirectory) = resource switch
        {
            ProjectResource project => await ProjectAsync(project, configuration, building, logger, cancellationToken).ConfigureAwait(false),
            ExecutableResource executable => Program(executable),
            _ => throw new DistributedApplicationException($"'{resource.Name}' is not a process."),
        };

        var settings = await ExecutionConfigurationBuilder.Create(resource).WithArgumentsConfig().WithEnvironmentVariablesConfig()
            .BuildAsync(executionContext, logger, cancellationToken).ConfigureAwait(false);
        if (settings.Exception is { } exception)
        {
            throw new DistributedApplicationException($"Resource '{resource.Name}' cannot be started: {exception.Message}", exception);
        }

        return new ProcessPlan(fileName, programArguments, [.. settings.Arguments], workingDirectory, [.. settings.EnvironmentVariables]);
    }

    public ProcessStart For(ResourceInstance row, string serviceName, IReadOnlyList<EndpointPlan> endpoints)
    {
        var environment = ProcessEnvironment.Inherited();
        foreach (var (name, value) in Environment)
        {
            environment[name] = Fill(value);
        }

        return new ProcessStart(FileName, [.. ProgramArguments, .. Arguments.Select(a => Fill(a.Value))], WorkingDirectory, environment);

        string Fill(string text)
        {
            if (!text.Contains("{{-", StringComparison.Ordinal))
            {
                return text;
            }

            text = text.Replace(Templates.ServiceName, serviceName, StringComparison.Ordinal).Replace(Templates.ServiceInstanceId, row.Suffix, StringComparison.Ordinal);
            foreach (var endpoint in endpoints)
            {
                var port = endpoint.TargetPorts[row.Index].ToString(System.Globalization.CultureInfo.InvariantCulture);
                text = text.Replace(Templates.PortForServing(endpoint.ServiceName), port, StringComparison.Ordinal);
            }

            return text;
        }
    }

    private static async Task<(string FileName, IReadOnlyList<string> Arguments, string WorkingDirectory)> ProjectAsync(ProjectResource project, string configuration,
        Func<Task> building, ILogger logger, CancellationToken cancellationToken)
    {
        var path = project.GetProjectMetadata().ProjectPath;
        if (!File.Exists(path))
        {
            throw new DistributedApplicationException($"The project file '{path}' of resource '{project.Name}' does not exist.");
        }

        var program = ProjectOutput.FindFresh(path, configuration);
        if (program is null)
        {
            await building().ConfigureAwait(false);
            program = await ProjectOutput.BuildAsync(path, configuration, (line, isError) => logger.Log(isError ? LogLevel.Error : LogLevel.Information, "{Line}", line), cancellationToken)
                .ConfigureAwait(false);
        }

        return (ProjectOutput.DotnetPath, [program], Path.GetDirectoryName(path)!);
    }

    private static (string FileName, IReadOnlyList<string> Arguments, string WorkingDirectory) Program(ExecutableResource executable)
    {
        if (!Directory.Exists(executable.WorkingDirectory))
        {
            throw new DistributedApplicationException($"The working directory '{executable.WorkingDirectory}' of resource '{executable.Name}' does not exist.");
        }

        return Executables.Find(executable.Command, executable.WorkingDirectory) is { } path
            ? (path, [], executable.WorkingDirectory)
            : throw new DistributedApplicationException($"The program '{executable.Command}' of resource '{executable.Name}' was not found: install it, or correct the command.");
    }
}
