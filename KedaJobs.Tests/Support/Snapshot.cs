namespace KedaJobs.Tests.Support;

/// <summary>Compares a text as a whole with a reviewed file under Snapshots/.</summary>
/// <remarks>With <c>KEDAJOBS_ACCEPT_SNAPSHOTS=true</c> in the environment the files are written instead: then review their diff.</remarks>
internal static class Snapshot
{
    private static readonly bool Accept = Environment.GetEnvironmentVariable("KEDAJOBS_ACCEPT_SNAPSHOTS") == "true";

    /// <param name="name">The file below Snapshots/, with folders.</param>
    /// <param name="actual">The text.</param>
    public static void Match(string name, string actual)
    {
        var file = Path.Combine(Repository.Root, "KedaJobs.Tests", "Snapshots", name);
        if (Accept)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
        }

        Assert.True(File.Exists(file), $"There is no snapshot {file}. See {nameof(Snapshot)} for how to write it.");
        Assert.Equal(File.ReadAllText(file), actual);
    }
}
