using System.Collections;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using KedaJobs.Hosting.Local.Processes;
using KedaJobs.Hosting.Local.Programs;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Hosting.Local.Executions;

/// <summary>
/// The worker as Aspire would start it, with the arguments and the environment that Aspire computes for the resource. Computed anew for
/// each decision (it costs little), so that a changed parameter counts.
/// </summary>
internal sealed class WorkerTemplateSource(
    IResource worker,
    IWorkerProgramLocator locator,
    DistributedApplicationExecutionContext executionContext,
    ILogger workerLog,
    Func<bool> hasDashboard) : IReplicaTemplateSource
{
    private readonly IReadOnlyDictionary<string, string> _inherited = Environment.GetEnvironmentVariables()
        .Cast<DictionaryEntry>()
        .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "");

    private readonly Lock _gate = new();
    private readonly HashSet<string> _reported = [];
    private Task<WorkerProgram>? _locating;

    public bool IsSlow => locator.IsSlow;

    /// <summary>
    /// Finding it may take longer than a poll has (MSBuild is asked): the search goes on, and the next poll gets its result.
    /// </summary>
    public Task<WorkerProgram> LocateAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            // A build in between may have removed it.
            if (_locating is null or { IsCompletedSuccessfully: true } && _locating?.Result.Exists() is not true)
            {
                _locating = Task.Run(() => locator.LocateAsync(CancellationToken.None), CancellationToken.None);
            }

            var locating = _locating;
            if (locating.IsFaulted)
            {
                // This is its report; the next one searches again.
                _locating = null;
            }

            return locating.WaitAsync(cancellationToken);
        }
    }

    public async Task<ReplicaTemplate> PrepareAsync(CancellationToken cancellationToken)
    {
        var program = await LocateAsync(cancellationToken).ConfigureAwait(false);
        var configuration = await ExecutionConfigurationBuilder.Create(worker)
            .WithArgumentsConfig()
            .WithEnvironmentVariablesConfig()
            .BuildAsync(executionContext, workerLog, cancellationToken)
            .ConfigureAwait(false);
        // An abandoned call is collected there, too.
        cancellationToken.ThrowIfCancellationRequested();
        if (configuration.Exception is { } failure)
        {
            throw new InvalidOperationException($"The environment of '{worker.Name}' could not be computed: {failure.Message}", failure);
        }

        List<string> arguments = [.. configuration.Arguments.Select(argument => argument.Value)];
        List<KeyValuePair<string, string>> variables = [.. configuration.EnvironmentVariables];
        ReportDropped(variables);
        return arguments.Find(ReplicaEnvironment.IsDropped) is { } template
            ? throw new InvalidOperationException(
                $"An argument of '{worker.Name}' has '{ReplicaEnvironment.Template(template)}' in it, "
                + "which has a value only for processes that Aspire starts: it refers to an endpoint, and a job has none.")
            : new(program, arguments, variables)
            {
                Inherited = _inherited,
                ExportTelemetry = hasDashboard(),
                Container = worker is ContainerResource container
                    ? await ContainerCommand.OfAsync(container, cancellationToken).ConfigureAwait(false)
                    : null,
            };
    }

    private void ReportDropped(IEnumerable<KeyValuePair<string, string>> variables)
    {
        foreach (var (name, value) in ReplicaEnvironment.Dropped(variables))
        {
            lock (_gate)
            {
                if (!_reported.Add(name))
                {
                    continue;
                }
            }

            Log.VariableDropped(workerLog, name, value);
        }
    }
}
