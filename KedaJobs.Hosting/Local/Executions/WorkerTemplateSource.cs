using System.Collections;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using KedaJobs.Hosting.Local.Programs;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Hosting.Local.Executions;

/// <summary>
/// The worker as Aspire would start it, with the arguments and the environment that Aspire computes for the resource. Computed anew for each decision
/// (it costs little), so that a changed parameter counts.
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
    private Task<WorkerProgram>? _locating;

    /// <summary>Finding it may take longer than a poll has (MSBuild is asked): the search goes on, and the next poll gets its result.</summary>
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
        return configuration.Exception is { } failure
            ? throw new InvalidOperationException($"The environment of '{worker.Name}' could not be computed: {failure.Message}", failure)
            : new(
                program,
                [.. configuration.Arguments.Select(argument => argument.Value)],
                [.. configuration.EnvironmentVariables])
            {
                Inherited = _inherited,
                ExportTelemetry = hasDashboard(),
            };
    }
}
