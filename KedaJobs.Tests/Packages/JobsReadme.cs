using System.Text.Json;
using System.Text.Json.Serialization;
using KedaJobs.Jobs;

namespace KedaJobs.Tests.Packages;

/// <summary>The program that KedaJobs.Jobs/README.md shows.</summary>
internal static class JobsReadme
{
    public static async Task<int> MainAsync(string[] args)
    {
        #region KedaJobs.Jobs: program
        return await QueueJobHost.RunAsync(args, builder => builder
            .AddQueueJob("jobs", options => options.ResultsConnection = "results")
            .AddTaskHandler("resize", AppJson.Default.Resize, AppJson.Default.Resized, _ => new ResizeHandler()));
        #endregion
    }
}

#region KedaJobs.Jobs: handler
internal sealed class ResizeHandler : IJobHandler<Resize, Resized>
{
    public async Task<Resized> HandleAsync(Resize input, JobContext job, CancellationToken cancellationToken)
    {
        var image = await File.ReadAllBytesAsync(input.Image, cancellationToken);
        return new Resized(input.Image, image.Length);
    }
}

internal sealed record Resize(string Image, int Width);

internal sealed record Resized(string Image, int Bytes);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Resize))]
[JsonSerializable(typeof(Resized))]
internal sealed partial class AppJson : JsonSerializerContext;
#endregion
