using System.Diagnostics;
using System.Text.Json.Nodes;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.ServiceDefaults;

/// <summary>What `dotnet publish -t:PublishContainer` would do; no image is pulled.</summary>
public sealed class ContainerTests
{
    [Theory]
    [InlineData("KedaJobs.Producer", "", "aspnet:10.0-noble-chiseled", "", "true", "false")]
    // The worker needs no runtime in its image: native code has none, and precompiled code brings what it uses.
    [InlineData("KedaJobs.Worker", "-p:_HasLinker=true", "runtime-deps:10.0-noble-chiseled", "true", "", "false")]
    [InlineData("KedaJobs.Worker", "-p:PublishAot=false", "runtime-deps:10.0-noble-chiseled", "false", "true", "true")]
    [InlineData(
        "KedaJobs.Worker", "-p:_HasLinker=false", "runtime-deps:10.0-noble-chiseled", "", "true", "true")] // a machine that cannot link
    public async Task The_image_is_small_and_compiled_ahead(
        string project, string property, string image, string aot, string readyToRun, string composite)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                "msbuild", Path.Combine(Repository.Root, project), "-nologo", "-nodeReuse:false", "-p:_IsPublishing=true",
                "-p:Configuration=Release",
                "-t:ComputeContainerBaseImage",
                "-getProperty:ContainerBaseImage,RuntimeIdentifier,PublishAot,PublishReadyToRun,PublishReadyToRunComposite,SelfContained",
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
            ($"mcr.microsoft.com/dotnet/{image}", "linux-x64", aot, readyToRun, composite),
            ((string?)properties["ContainerBaseImage"], (string?)properties["RuntimeIdentifier"], (string?)properties["PublishAot"],
                (string?)properties["PublishReadyToRun"], (string?)properties["PublishReadyToRunComposite"]));
        Assert.Equal(project == "KedaJobs.Worker" ? "true" : "false", (string?)properties["SelfContained"]);
    }
}
