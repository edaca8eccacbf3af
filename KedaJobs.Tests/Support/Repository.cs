namespace KedaJobs.Tests.Support;

/// <summary>The checkout that the tests were built from, and what may stand beside it.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Material beside the checkout that is not part of the project, or null.</summary>
    public static string? Shared { get; } = Directory.Exists(Path.Combine(Root, "..", "shared"))
        ? Path.GetFullPath(Path.Combine(Root, "..", "shared"))
        : null;

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "KedaJobs.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"KedaJobs.sln is in none of the folders above {AppContext.BaseDirectory}.");
    }
}
