using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Projects;

namespace KedaJobs.Tests.Offline;

public sealed class HostingLaunchProfileTests
{
    [Theory]
    [InlineData(null, "first")]
    [InlineData("second", "second")]
    [InlineData("unknown", "first")]
    public async Task Profile_IsThatNamedLikeTheAppHosts_OrTheFirst(string? appHostProfile, string expected)
    {
        await using var fixture = new HostingFixture();
        fixture.Builder.Configuration["AppHost:DefaultLaunchProfileName"] = appHostProfile;

        var program = fixture.Builder.AddProject<SampleProject>("program");

        Assert.Equal(expected, program.Resource.EffectiveLaunchProfile()?.Name);
    }

    [Fact]
    public async Task NamedProfile_WinsAndMustExist()
    {
        await using var fixture = new HostingFixture();

        Assert.Equal("second", fixture.Builder.AddProject<SampleProject>("program", "second").Resource.EffectiveLaunchProfile()?.Name);
        var error = Assert.Throws<DistributedApplicationException>(() => fixture.Builder.AddProject<SampleProject>("other", "third"));
        Assert.Contains("'third'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExcludedProfile_LeavesNoEndpoint()
    {
        await using var fixture = new HostingFixture();

        var program = fixture.Builder.AddProject<SampleProject>("program", launchProfileName: null);

        Assert.Null(program.Resource.EffectiveLaunchProfile());
        Assert.Empty(program.Resource.GetEndpoints());
    }

    [Fact]
    public async Task ApplicationUrls_BecomeEndpoints()
    {
        await using var fixture = new HostingFixture();

        var program = fixture.Builder.AddProject<SampleProject>("program", "second");

        Assert.Equal(
            [("https", "https", 7001), ("http", "http", 5001), ("http2", "http", 5002)],
            program.Resource.Annotations.OfType<EndpointAnnotation>().Select(e => (e.Name, e.UriScheme, e.Port!.Value)));
    }

    [Theory]
    [InlineData("", new string[0])]
    [InlineData("  a  b ", new[] { "a", "b" })]
    [InlineData("--x \"with space\" \"\"", new[] { "--x", "with space", "" })]
    [InlineData("say \\\"hi\\\"", new[] { "say", "\"hi\"" })]
    public void CommandLineText_IsSplitAsAShellWould(string text, string[] expected) => Assert.Equal(expected, CommandLineText.Split(text));

    private sealed class SampleProject : IProjectMetadata
    {
        public string ProjectPath => "/nowhere/Sample.csproj";

        public LaunchSettings LaunchSettings { get; } = new()
        {
            Profiles =
            {
                ["web"] = new LaunchProfile { CommandName = "IISExpress" },
                ["first"] = new LaunchProfile { CommandName = "Project" },
                ["second"] = new LaunchProfile { CommandName = "Project", ApplicationUrl = "https://localhost:7001;http://localhost:5001; http://*:5002" },
            },
        };
    }
}
