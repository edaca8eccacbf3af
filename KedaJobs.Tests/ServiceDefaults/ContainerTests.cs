using System.Diagnostics;
using System.Text.Json.Nodes;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.ServiceDefaults;

/// <summary>What `dotnet publish -t:PublishContainer` would do; no image is pulled.</summary>
public sealed class ContainerTests
{
    // The worker's runtime settings name ASP.NET Core (through the service defaults): on the smaller base image it would not even start.
    [Theory]
    [InlineData("KedaJobs.Worker")]
    [InlineData("KedaJobs.Producer")]
    public async Task TheImageIsSmallPrecompiledAndHasTheFramework(string project)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                "msbuild", Path.Combine(Repository.Root, project), "-nologo", "-nodeReuse:false", "-p:_IsPublishing=true", "-p:Configuration=Release",
                "-t:ComputeContainerBaseImage", "-getProperty:ContainerBaseImage,RuntimeIdentifier,PublishReadyToRun,SelfContained",
            },
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.True(process.ExitCode == 0, output);
        Assert.Equal(
            """{"ContainerBaseImage":"mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled","RuntimeIdentifier":"linux-x64","PublishReadyToRun":"true","SelfContained":"false"}""",
            JsonNode.Parse(output)!["Properties"]!.ToJsonString());
    }
}
