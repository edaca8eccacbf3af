using System.Text.Encodings.Web;
using System.Text.Json;
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Publishing;

/// <summary>The publishing step that writes the manifest and, through the resources' own callbacks, the modules beside it.</summary>
internal static class ManifestStep
{
    public const string Name = "publish-manifest";

    private const string DefaultFileName = "aspire-manifest.json";

    public static async Task WriteAsync(PipelineStepContext context)
    {
        var path = ManifestPath(context.Services.GetRequiredService<IConfiguration>());
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var manifest = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(manifest, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            await new ManifestPublishingContext(context.ExecutionContext, path, writer, context.CancellationToken).WriteModelAsync(context.Model).ConfigureAwait(false);
        }

        // Nobody shall find half a manifest.
        await File.WriteAllBytesAsync(path, manifest.ToArray(), context.CancellationToken).ConfigureAwait(false);
        context.Logger.LogInformation("Published manifest to: {ManifestPath}", path);
    }

    private static string ManifestPath(IConfiguration configuration)
    {
        if ((configuration["Pipeline:OutputPath"] ?? configuration["Publishing:OutputPath"]) is not { Length: > 0 } output)
        {
            throw new DistributedApplicationException("The '--output-path [path]' option was not specified.");
        }

        var path = Path.GetFullPath(output);
        return path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? path : Path.Combine(path, DefaultFileName);
    }
}
