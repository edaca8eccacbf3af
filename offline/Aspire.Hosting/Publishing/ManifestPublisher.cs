using System.Text.Encodings.Web;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Publishing;

/// <summary>Writes the manifest once the host has started, and then ends the application. A failure is one line and exit code 1.</summary>
internal sealed class ManifestPublisher(PublishingSettings settings, DistributedApplicationModel model, DistributedApplicationExecutionContext executionContext,
    IDistributedApplicationEventing eventing, IConfiguration configuration, IServiceProvider services, IHostApplicationLifetime lifetime, ILogger<ManifestPublisher> logger) : BackgroundService
{
    private const string ManifestStep = "publish-manifest";
    private const string DefaultFileName = "aspire-manifest.json";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Hosted services that come after this one are started in publish mode too, so they must have been.
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var whenStarted = lifetime.ApplicationStarted.Register(started.SetResult);
        try
        {
            await started.Task.WaitAsync(stoppingToken).ConfigureAwait(false);
            var path = ManifestPath();
            await eventing.PublishAsync(new BeforePublishEvent(services, model), stoppingToken).ConfigureAwait(false);
            await WriteAsync(path, stoppingToken).ConfigureAwait(false);
            await eventing.PublishAsync(new AfterPublishEvent(services, model), stoppingToken).ConfigureAwait(false);
            logger.LogInformation("Published manifest to: {ManifestPath}", path);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            Environment.ExitCode = 1;
        }
        catch (Exception exception)
        {
            logger.LogCritical(exception is DistributedApplicationException ? null : exception, "Publishing failed. {Message}", exception.Message);
            Environment.ExitCode = 1;
        }
        finally
        {
            lifetime.StopApplication();
        }
    }

    private string ManifestPath()
    {
        if (settings.Step != ManifestStep)
        {
            throw new DistributedApplicationException(
                $"The stand-in of Aspire.Hosting knows only the publishing step '{ManifestStep}', not '{settings.Step ?? "publish"}': use '--publisher manifest --output-path PATH'.");
        }

        if ((configuration["Pipeline:OutputPath"] ?? configuration["Publishing:OutputPath"]) is not { Length: > 0 } output)
        {
            throw new DistributedApplicationException("The '--output-path [path]' option was not specified.");
        }

        var path = Path.GetFullPath(output);
        return path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? path : Path.Combine(path, DefaultFileName);
    }

    private async Task WriteAsync(string path, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var manifest = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(manifest, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            await new ManifestPublishingContext(executionContext, path, writer, cancellationToken).WriteModelAsync(model).ConfigureAwait(false);
        }

        // Nobody shall find half a manifest.
        await File.WriteAllBytesAsync(path, manifest.ToArray(), cancellationToken).ConfigureAwait(false);
    }
}
