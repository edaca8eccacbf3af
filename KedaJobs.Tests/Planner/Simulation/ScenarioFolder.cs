namespace KedaJobs.Tests.Planner.Simulation;

/// <summary>A folder with the files of a test, which is gone after it.</summary>
internal sealed class ScenarioFolder : IDisposable
{
    public const string Small =
        """
        {"title":"small","queues":[{"arrivals":{"pattern":"burst","messages":20,"durationSeconds":60},"messageCount":1}],
         "scale":{"maxExecutions":4},"work":{"seconds":10},"firstPollSeconds":0}
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kedajobs-planner-");

    public IEnumerable<string> Files => _folder.EnumerateFiles().Select(file => file.Name).Order();

    public string At(string name) => Path.Combine(_folder.FullName, name);

    public string Write(string name, string content)
    {
        File.WriteAllText(At(name), content);
        return At(name);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
