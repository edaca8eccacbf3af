using System.Runtime.InteropServices;

namespace KedaJobs.Hosting.Local.Programs;

/// <summary>The <c>dotnet</c> command that belongs to the runtime this process runs on.</summary>
internal static class DotnetHost
{
    private static readonly string FileName = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";

    public static string Path { get; } = Find();

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } announced && File.Exists(announced))
        {
            return announced;
        }

        // <root>/shared/Microsoft.NETCore.App/<version>/
        var root = System.IO.Path.GetFullPath(System.IO.Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        var beside = System.IO.Path.Combine(root, FileName);
        return File.Exists(beside) ? beside : FileName;
    }
}
