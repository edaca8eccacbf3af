namespace KedaJobs.Tests.Support;

/// <summary>A folder of a test, or of a fixture, that is deleted with everything in it when it is disposed.</summary>
/// <param name="purpose">A part of its name that says whose it is.</param>
internal sealed class TemporaryFolder(string purpose) : IDisposable
{
    public string FullName { get; } = Directory.CreateTempSubdirectory($"kedajobs-{purpose}-").FullName;

    public string At(params string[] names) => Path.Combine([FullName, .. names]);

    public void Dispose() => Directory.Delete(FullName, recursive: true);
}
