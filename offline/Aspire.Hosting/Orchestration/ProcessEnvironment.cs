using System.Collections;

namespace Aspire.Hosting.Orchestration;

/// <summary>What a program's environment is made of: ours, without what speaks about us, and on top what the model computes.</summary>
internal static class ProcessEnvironment
{
    private static readonly HashSet<string> NotInherited =
        ["ASPNETCORE_URLS", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT", "DOTNET_LAUNCH_PROFILE", "ASPIRE_LOGLEVEL"];

    public static Dictionary<string, string> Inherited()
    {
        var variables = new Dictionary<string, string>();
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            if (!NotInherited.Contains((string)entry.Key))
            {
                variables[(string)entry.Key] = (string?)entry.Value ?? "";
            }
        }

        return variables;
    }
}
