using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Pipelines;

[Experimental("ASPIREPIPELINES004")]
public interface IPipelineOutputService
{
    string GetOutputDirectory();
}

/// <summary>Where <c>--output-path</c> points, be it a folder or, for the manifest, a file; else a folder beside the AppHost.</summary>
internal sealed class PipelineOutputService(IConfiguration configuration) : IPipelineOutputService
{
    public string GetOutputDirectory() => Path.GetFullPath(
        (configuration["Pipeline:OutputPath"] ?? configuration["Publishing:OutputPath"]) is { Length: > 0 } path
            ? path
            : Path.Combine(configuration["AppHost:Directory"] ?? "", "aspire-output"));
}
