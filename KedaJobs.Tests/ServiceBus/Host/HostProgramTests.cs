using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.ServiceBus.Host;

public sealed class HostProgramTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("host");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_wrong_with_the_file_is_said_by_its_name()
    {
        var file = Write(
            """{ "UserConfig": { "Namespaces": [ { "Queues": [ { "Name": "q", "Properties":"""
                + """ { "LockDuration": "PT9M", "color": 1 } } ] } ] } }""");

        var (exitCode, errors) = await BrokerProcess.RefuseAsync("--config", file);

        Assert.Equal(1, exitCode);
        Assert.Equal(
            [
                $"{file}: UserConfig.Namespaces[0].Queues[0].Properties: Unknown member 'color'.",
                $"{file}: UserConfig.Namespaces[0].Queues[0].Properties.LockDuration: 00:09:00 is out of range; use 00:00:01 to 00:05:00.",
            ],
            Lines(errors).Select(line => line.Split(" Use \"")[0]));
    }

    [Fact]
    public async Task A_target_that_is_not_there_is_said_by_the_files_name()
    {
        var file = Write(
            """{ "UserConfig": { "Namespaces": [ { "Queues": [ { "Name": "q", "Properties": { "ForwardTo": "nowhere" } } ] } ] } }""");

        var (exitCode, errors) = await BrokerProcess.RefuseAsync("--config", file);

        Assert.Equal(1, exitCode);
        Assert.Equal(
            [
                $"{file}: UserConfig.Namespaces[0].Queues[0].Properties.ForwardTo: there is no queue or topic 'nowhere'. "
                + "Declare it in this file, or correct the name."
            ],
            Lines(errors));
    }

    [Theory]
    [InlineData("{ \"UserConfig\": ", "is not JSON")]
    [InlineData(null, "cannot be read")]
    public async Task A_file_that_cannot_be_read_is_named(string? content, string problem)
    {
        var file = content is null ? _folder.At("missing.json") : Write(content);

        var (exitCode, errors) = await BrokerProcess.RefuseAsync("--config", file);

        Assert.Equal(1, exitCode);
        Assert.StartsWith($"{file} {problem}", errors, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Lines(string text) => text.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    private string Write(string content)
    {
        var file = _folder.At("Config.json");
        File.WriteAllText(file, content);
        return file;
    }
}
