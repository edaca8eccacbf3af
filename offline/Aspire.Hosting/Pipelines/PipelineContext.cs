using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Pipelines;

[Experimental("ASPIREPIPELINES001")]
public sealed class PipelineContext(DistributedApplicationModel model, DistributedApplicationExecutionContext executionContext, IServiceProvider serviceProvider,
    ILogger logger, CancellationToken cancellationToken)
{
    public DistributedApplicationModel Model { get; } = model;

    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext;

    public IServiceProvider Services { get; } = serviceProvider;

    public ILogger Logger { get; } = logger;

    public CancellationToken CancellationToken { get; set; } = cancellationToken;
}

[Experimental("ASPIREPIPELINES001")]
public sealed class PipelineStepContext
{
    private readonly PipelineContext _context;

    internal PipelineStepContext(PipelineContext context) => _context = context;

    public DistributedApplicationModel Model => _context.Model;

    public DistributedApplicationExecutionContext ExecutionContext => _context.ExecutionContext;

    public IServiceProvider Services => _context.Services;

    public ILogger Logger => _context.Logger;

    public CancellationToken CancellationToken => _context.CancellationToken;
}
