using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.Wire;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dashboard;

/// <summary>What the dashboard calls. A stream that ends because either side goes away ends quietly.</summary>
internal sealed class DashboardRpc(
    ResourceFeed feed,
    ResourceLoggerService logs,
    CommandRunner commands,
    InteractionHub interactions,
    DashboardSettings settings,
    IHostApplicationLifetime server,
    ILogger<DashboardRpc> logger) : DashboardService.DashboardServiceBase
{
    private const int MaxLinesPerUpdate = 1000;

    public override Task<Application> GetApplicationInformation(ApplicationQuery request, ServerCallContext context)
    {
        return Task.FromResult(new Application { Name = settings.ApplicationName });
    }

    public override Task WatchResources(ResourcesQuery request, IServerStreamWriter<ResourcesUpdate> responseStream, ServerCallContext context)
    {
        return StreamAsync(context, async cancellationToken =>
        {
            using var subscription = feed.Subscribe(out var rows);
            var all = new AllResources();
            all.Resources.AddRange(rows);
            await responseStream.WriteAsync(new ResourcesUpdate { All = all }, cancellationToken);
            while (true)
            {
                var changes = new ResourceChanges();
                changes.Changes.AddRange((await subscription.TakeAsync(cancellationToken)).Select(row => new ResourceChange { Row = row }));
                await responseStream.WriteAsync(new ResourcesUpdate { Changes = changes }, cancellationToken);
            }
        });
    }

    public override Task WatchResourceConsoleLogs(ConsoleQuery request, IServerStreamWriter<ConsoleUpdate> responseStream, ServerCallContext context)
    {
        return StreamAsync(context, async cancellationToken =>
        {
            var batches = request.SuppressFollow ? logs.GetAllAsync(request.ResourceName) : logs.WatchAsync(request.ResourceName);
            await foreach (var batch in batches.WithCancellation(cancellationToken))
            {
                foreach (var lines in batch.Chunk(MaxLinesPerUpdate))
                {
                    var update = new ConsoleUpdate();
                    update.Lines.AddRange(lines.Select(LineOf));
                    await responseStream.WriteAsync(update, cancellationToken);
                }
            }
        });
    }

    public override Task<CommandReply> ExecuteResourceCommand(CommandCall request, ServerCallContext context)
    {
        return commands.RunAsync(request, context.CancellationToken);
    }

    public override Task WatchInteractions(
        IAsyncStreamReader<InteractionReply> requestStream,
        IServerStreamWriter<Interaction> responseStream,
        ServerCallContext context)
    {
        return StreamAsync(context, async cancellationToken =>
        {
            // The dashboard waits for the headers before it shows anything.
            await context.WriteResponseHeadersAsync([]);
            await interactions.ServeAsync(requestStream, responseStream, cancellationToken);
        });
    }

    private static ConsoleLine LineOf(LogLine line) => new() { Text = line.Content, IsError = line.IsErrorMessage, Number = line.LineNumber };

    private async Task StreamAsync(ServerCallContext context, Func<CancellationToken, Task> stream)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, server.ApplicationStopping);
        try
        {
            await stream(end.Token);
        }
        catch (Exception e) when (end.IsCancellationRequested)
        {
            logger.LogDebug(e, "The dashboard ended {Method}.", context.Method);
        }
    }
}
