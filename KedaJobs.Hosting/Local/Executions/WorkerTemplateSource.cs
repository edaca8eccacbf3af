using System.Collections;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using KedaJobs.Hosting.Local.Programs;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Hosting.Local.Executions;

/// <summary>
/// The worker as Aspire would start it: its built output, with the arguments and the environment that Aspire computes for the resource. Computed
/// anew for each decision (it costs little), so that a changed parameter counts.
/// </summary>
internal sealed class WorkerTemplateSource(
    ProjectResource worker,
    WorkerProgramLocator locator,
    DistributedApplicationExecutionContext executionContext,
    ILogger workerLog,
    Func<bool> hasDashboard) : IReplicaTemplateSource
{
    private readonly IReadOnlyDictionary<string, string> _inherited = Environment.GetEnvironmentVariables()
        .Cast<DictionaryEntry>()
        .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "");

    private WorkerProgram? _program;

    public async Task<ReplicaTemplate> PrepareAsync(CancellationToken cancellationToken)
    {
        if (_program is null || !_program.Exists())
        {
            _program = await locator.LocateAsync(cancellationToken).ConfigureAwait(false);
        }

        var configuration = await ExecutionConfigurationBuilder.Create(worker)
            .WithArgumentsConfig()
            .WithEnvironmentVariablesConfig()
            .BuildAsync(executionContext, workerLog, cancellationToken)
            .ConfigureAwait(false);
        return configuration.Exception is { } failure
            ? throw new InvalidOperationException($"The environment of '{worker.Name}' cannot be computed: {failure.Message}", failure)
            : new(
                _program,
                [.. configuration.Arguments.Select(argument => argument.Value)],
                [.. configuration.EnvironmentVariables])
            {
                Inherited = _inherited,
                ExportTelemetry = hasDashboard(),
            };
    }
}
