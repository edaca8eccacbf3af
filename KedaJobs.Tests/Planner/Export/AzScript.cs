using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Planner.Export;

/// <summary>Runs an exported script in a real shell with an <c>az</c> of our own, which writes down what it is called with.</summary>
[UnsupportedOSPlatform("windows")]
internal static class AzScript
{
    private enum Words
    {
        None,
        One,
        Many,
    }

    /// <summary>The flags of az containerapp job create that the script may use, as its reference documents them.</summary>
    private static readonly Dictionary<string, (Words Words, bool IsNumber)> Documented = new()
    {
        ["--name"] = (Words.One, false),
        ["--resource-group"] = (Words.One, false),
        ["--environment"] = (Words.One, false),
        ["--trigger-type"] = (Words.One, false),
        ["--cron-expression"] = (Words.One, false),
        ["--workload-profile-name"] = (Words.One, false),
        ["--replica-timeout"] = (Words.One, true),
        ["--replica-retry-limit"] = (Words.One, true),
        ["--replica-completion-count"] = (Words.One, true),
        ["--parallelism"] = (Words.One, true),
        ["--polling-interval"] = (Words.One, true),
        ["--min-executions"] = (Words.One, true),
        ["--max-executions"] = (Words.One, true),
        ["--scale-rule-name"] = (Words.One, false),
        ["--scale-rule-type"] = (Words.One, false),
        ["--scale-rule-metadata"] = (Words.Many, false),
        ["--scale-rule-identity"] = (Words.One, false),
        ["--scale-rule-auth"] = (Words.Many, false),
        ["--secrets"] = (Words.Many, false),
        ["--mi-user-assigned"] = (Words.Many, false),
        ["--mi-system-assigned"] = (Words.None, false),
        ["--image"] = (Words.One, false),
        ["--registry-server"] = (Words.One, false),
        ["--registry-identity"] = (Words.One, false),
        ["--cpu"] = (Words.One, true),
        ["--memory"] = (Words.One, false),
        ["--command"] = (Words.Many, false),
        ["--args"] = (Words.Many, false),
        ["--env-vars"] = (Words.Many, false),
    };

    /// <summary>Runs the script with every variable that it asks for set to its own name in parentheses, unless a value is given.</summary>
    /// <returns>
    /// The flags of the create command with their words, and the body of the update that follows, if one does; or no flags, and the body of
    /// the request that creates the job.
    /// </returns>
    public static async Task<(Dictionary<string, string[]> Create, JsonNode? Request)> RunAsync(
        string script, Dictionary<string, string>? given = null, string? cloud = null)
    {
        using var folder = new TemporaryFolder("az");
        var (exitCode, error) = await ShellAsync(folder.FullName, script, given: given, cloud: cloud);
        Assert.True(exitCode == 0, error);
        var body = folder.At("body");
        var request = File.Exists(body) ? JsonNode.Parse(await File.ReadAllTextAsync(body)) : null;
        if (!File.Exists(folder.At("create")))
        {
            var put = await WordsAsync(folder.At("rest"));
            Assert.Equal(["rest", "--method", "put", "--url"], put[..4]);
            Assert.Matches(
                @"^/subscriptions/\{subscriptionId}/resourceGroups/\(RESOURCE_GROUP\)/providers/Microsoft\.App/"
                    + @"jobs/[a-z-]+\?api-version=2025-07-01$",
                put[4]);
            Assert.Equal(["--body", "@-"], put[5..]);
            Assert.True(File.Exists(folder.At("wait")), "nothing waits for the job");
            return ([], request);
        }

        var words = await WordsAsync(folder.At("create"));
        Assert.Equal(["containerapp", "job", "create"], words.Take(3));

        var patch = folder.At("rest");
        if (File.Exists(patch))
        {
            Assert.Equal(
                ["rest", "--method", "patch", "--url", "/the/job?api-version=2025-07-01", "--body", "@-"], await WordsAsync(patch));
        }

        return (Parse(words[3..]), request);
    }

    private static async Task<string[]> WordsAsync(string file) => (await File.ReadAllTextAsync(file)).Split('\0')[..^1];

    private static Dictionary<string, string[]> Parse(string[] words)
    {
        Dictionary<string, string[]> arguments = [];
        for (var index = 0; index < words.Length;)
        {
            var flag = words[index++];
            Assert.True(Documented.TryGetValue(flag, out var documented), $"az containerapp job create documents no {flag}");
            var values = words.Skip(index).TakeWhile(word => !word.StartsWith("--", StringComparison.Ordinal)).ToArray();
            index += values.Length;
            Assert.True(
                documented.Words switch { Words.None => values.Length == 0, Words.One => values.Length == 1, _ => values.Length >= 1 },
                flag);
            Assert.True(!documented.IsNumber || decimal.TryParse(values[0], CultureInfo.InvariantCulture, out _), flag);
            Assert.True(arguments.TryAdd(flag, values), $"{flag} stands twice");
        }

        return arguments;
    }

    /// <summary>Runs the script, with one variable left empty; what az was called with is in files of the folder.</summary>
    public static async Task<(int ExitCode, string Error)> ShellAsync(
        string folder, string script, string? without = null, Dictionary<string, string>? given = null, string? cloud = null)
    {
        var az = Path.Combine(folder, "az");
        await File.WriteAllTextAsync(az,
            """
            #!/bin/sh
            case "$*" in
              "containerapp env show "*" --query location "*) echo '(location)'; exit ;;
              "containerapp env show "*" --query id "*) echo /the/environment; exit ;;
            esac
            case "$1 $3" in
              "containerapp create") printf '%s\0' "$@" > "$RECORD/create" ;;
              "containerapp show") echo /the/job ;;
              "cloud "*) echo "$CLOUD" ;;
              "resource "*) printf '%s\0' "$@" > "$RECORD/wait" ;;
              "rest "*) printf '%s\0' "$@" > "$RECORD/rest"; cat > "$RECORD/body" ;;
              *) exit 9 ;;
            esac

            """.ReplaceLineEndings("\n"));
        File.SetUnixFileMode(az, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var start = new ProcessStartInfo("/bin/sh", ["-s"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["PATH"] = $"{folder}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["RECORD"] = folder;
        foreach (var name in script.Split('\n').Where(line => line.StartsWith(": \"${", StringComparison.Ordinal))
            .Select(line => line[5..line.IndexOf(":?", StringComparison.Ordinal)]))
        {
            start.Environment[name] = name == without ? "" : given?.GetValueOrDefault(name) ?? $"({name})";
        }

        start.Environment["CLOUD"] = cloud
            ?? (script.Contains("AzureChinaCloud ]", StringComparison.Ordinal) ? "AzureChinaCloud" : "AzureUSGovernment");

        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(script);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, $"{await output}{await error}");
    }
}
