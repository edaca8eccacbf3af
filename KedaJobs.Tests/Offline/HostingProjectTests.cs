using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Offline;

/// <summary>Projects that are run from their source: built when there is need, with what their launch profile says.</summary>
public sealed class HostingProjectTests
{
    /// <summary>Builds take their time on a small machine that does other things too.</summary>
    private static readonly TimeSpan BuildDeadline = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Project_IsBuiltWhenStale_RunByItsLaunchProfile_AndRebuiltByCommand()
    {
        await using var fixture = new HostingFixture();
        WriteProject(fixture.Folder, "first");
        var program = fixture.Builder.AddProject("program", "Program/Program.csproj").WithReplicas(2);
        var states = new Record();
        fixture.Builder.Eventing.Subscribe<BeforeResourceStartedEvent>((_, _) =>
        {
            states.Add("started");
            return Task.CompletedTask;
        });

        await fixture.Application.StartAsync().WaitAsync(BuildDeadline);

        var port = program.GetEndpoint("http").Port;
        string[] lines = [];
        await Eventually.SucceedsAsync("both replicas have spoken", async () =>
        {
            lines = [.. (await fixture.LinesAsync(program.Resource)).Where(line => line.StartsWith("first | from the profile | --flag with space | http | ", StringComparison.Ordinal))];
            Assert.Equal(2, lines.Length);
        });
        Assert.Equal(2, lines.Select(UrlOf).Distinct().Count());
        Assert.DoesNotContain($"http://localhost:{port}", lines.Select(UrlOf));
        Assert.Equal(["started"], states.Entries);

        WriteProject(fixture.Folder, "second");
        var result = await fixture.Application.ResourceCommands.ExecuteCommandAsync(program.Resource.GetResolvedResourceNames()[0], KnownResourceCommands.RebuildCommand)
            .WaitAsync(BuildDeadline);

        Assert.True(result.Success, result.Message);
        await fixture.LineAsync(program.Resource, "second | from the profile");
    }

    private static string UrlOf(string line) => line.Split(" | ")[^1];

    private static void WriteProject(string folder, string word)
    {
        var project = Directory.CreateDirectory(Path.Combine(folder, "Program")).FullName;
        Directory.CreateDirectory(Path.Combine(project, "Properties"));
        File.WriteAllText(Path.Combine(project, "Program.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
              </PropertyGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(project, "Program.cs"), $$"""
            string V(string name) => System.Environment.GetEnvironmentVariable(name);
            System.Console.WriteLine($"{{word}} | {V("WORD")} | {string.Join(' ', args)} | {V("DOTNET_LAUNCH_PROFILE")} | {V("ASPNETCORE_URLS")}");
            System.Threading.Thread.Sleep(System.Threading.Timeout.Infinite);
            """);
        File.WriteAllText(Path.Combine(project, "Properties", "launchSettings.json"), """
            {
              // Comments are allowed here.
              "profiles": {
                "other": { "commandName": "IISExpress" },
                "http": {
                  "commandName": "Project",
                  "commandLineArgs": "--flag \"with space\"",
                  "applicationUrl": "http://localhost:5999",
                  "environmentVariables": { "WORD": "from the profile" },
                },
              },
            }
            """);
    }
}
