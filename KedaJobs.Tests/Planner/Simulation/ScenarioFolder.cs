using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Planner.Simulation;

/// <summary>A temporary folder with the files of a test.</summary>
internal sealed class ScenarioFolder : IDisposable
{
    public const string Small =
        """
        {"title":"small","queues":[{"arrivals":{"pattern":"burst","messages":20,"durationSeconds":60},"messageCount":1}],
         "scale":{"maxExecutions":4},"work":{"seconds":10},"firstPollSeconds":0}
        """;

    private readonly TemporaryFolder _folder = new("planner");

    public IEnumerable<string> Files => Directory.EnumerateFiles(_folder.FullName).Select(file => Path.GetFileName(file)).Order();

    public string At(string name) => _folder.At(name);

    public string Write(string name, string content)
    {
        File.WriteAllText(At(name), content);
        return At(name);
    }

    public void Dispose() => _folder.Dispose();
}
