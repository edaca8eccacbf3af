using Aspire.Hosting;

namespace KedaJobs.Tests.Support;

/// <summary>What <c>aspire publish</c> leaves in a folder: <c>main.bicep</c>, and one folder for each module.</summary>
internal sealed class PublishedTemplate : IDisposable
{
    private readonly TemporaryFolder _folder;

    private PublishedTemplate(TemporaryFolder folder) => _folder = folder;

    public string Folder => _folder.FullName;

    /// <summary>What was logged meanwhile.</summary>
    public IReadOnlyList<string> Log { get; private init; } = [];

    public string Main => File.ReadAllText(Path.Combine(Folder, "main.bicep"));

    /// <summary>The folders, which are named like what was published.</summary>
    public IEnumerable<string> Modules => Directory.EnumerateDirectories(Folder)
        .Where(folder => File.Exists(Path.Combine(folder, $"{Path.GetFileName(folder)}.bicep")))
        .Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal);

    /// <exception cref="Exception">Whatever publishing fails with.</exception>
    public static async Task<PublishedTemplate> FromAsync(Action<IDistributedApplicationBuilder> declare, params string[] arguments)
    {
        var folder = new TemporaryFolder("template");
        try
        {
            var log = await PublishRun.ToEndAsync(
                declare, ["--operation", "publish", "--step", "publish", "--output-path", folder.FullName, .. arguments]);
            return new PublishedTemplate(folder) { Log = log };
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    public string Module(string name) => File.ReadAllText(Path.Combine(Folder, name, $"{name}.bicep"));

    public void Dispose() => _folder.Dispose();
}
