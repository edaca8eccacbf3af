using System.Diagnostics;
using System.Text.Json.Nodes;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.ServiceDefaults;

/// <summary>What `dotnet publish -t:PublishContainer` would do; no image is pulled.</summary>
public sealed class ContainerTests
{
    [Theory]
    [InlineData("KedaJobs.Producer", "", "aspnet:10.0-noble-chiseled", "", "true")]
    // Native code needs no runtime. Precompiled code needs the one without ASP.NET Core: the worker uses none of it.
    [InlineData("KedaJobs.Worker", "-p:_HasLinker=true", "runtime-deps:10.0-noble-chiseled", "true", "")]
    [InlineData("KedaJobs.Worker", "-p:PublishAot=false", "runtime:10.0-noble-chiseled", "false", "true")]
    [InlineData("KedaJobs.Worker", "-p:_HasLinker=false", "runtime:10.0-noble-chiseled", "", "true")] // a machine that cannot link
    public async Task TheImageIsSmallAndCompiledAhead(string project, string property, string image, string aot, string readyToRun)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                "msbuild", Path.Combine(Repository.Root, project), "-nologo", "-nodeReuse:false", "-p:_IsPublishing=true", "-p:Configuration=Release",
                "-t:ComputeContainerBaseImage", "-getProperty:ContainerBaseImage,RuntimeIdentifier,PublishAot,PublishReadyToRun,SelfContained",
            },
            RedirectStandardOutput = true,
        };
        if (property.Length > 0)
        {
            start.ArgumentList.Add(property);
        }

        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.True(process.ExitCode == 0, output);
        var properties = JsonNode.Parse(output)!["Properties"]!;
        Assert.Equal(
            ($"mcr.microsoft.com/dotnet/{image}", "linux-x64", aot, readyToRun),
            ((string?)properties["ContainerBaseImage"], (string?)properties["RuntimeIdentifier"], (string?)properties["PublishAot"],
                (string?)properties["PublishReadyToRun"]));
        Assert.Equal(aot == "true" ? "true" : "false", (string?)properties["SelfContained"]);
    }
}
