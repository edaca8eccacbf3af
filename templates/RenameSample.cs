using System.IO;
using System.Text.RegularExpressions;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Writes files of the sample as template content: renamed, and with references to packages in place of the
/// repository's projects. See Generate.targets.
/// </summary>
public class RenameSample : Task
{
    private const string Name = "KedaJobs-Sample.1";
    private const string Namespace = "KedaJobs_Sample._1";
    private const string Class = "KedaJobs_Sample__1";
    private const string Projects = "(AppHost|Contracts|Producer|ServiceDefaults|Tests|Worker)";
    private const string Packages = "(Hosting|Jobs|Scaling|ServiceBus)";

    [Required]
    public ITaskItem[] Files { get; set; }

    /// <summary>The repository's root.</summary>
    [Required]
    public string Root { get; set; }

    [Required]
    public string Destination { get; set; }

    public override bool Execute()
    {
        foreach (var file in Files)
        {
            var path = file.GetMetadata("FullPath");
            var target = Path.Combine(Destination, path.Substring(Root.Length).Replace("KedaJobs.", Name + "."));
            var text = Rename(File.ReadAllText(path), Path.GetExtension(path) == ".cs");

            Directory.CreateDirectory(Path.GetDirectoryName(target));
            File.WriteAllText(target, text);
        }

        return true;
    }

    private static string Rename(string text, bool isCode)
    {
        text = Regex.Replace(
            text, "<ProjectReference Include=\"\\.\\./KedaJobs\\." + Packages + "/[^\"]*\"[^>]*/>",
            "<PackageReference Include=\"KedaJobs.$1\" />");
        text = Regex.Replace(text, "\n  <ItemGroup>\\s*<InternalsVisibleTo Include=\"KedaJobs\\.Tests\" />\\s*</ItemGroup>\n", "");
        text = Regex.Replace(text, "(?<=--project )KedaJobs\\." + Projects + "\\b", Name + ".$1");
        text = Regex.Replace(text, "\\bKedaJobs_" + Projects + "\\b", Class + "_$1");
        text = Regex.Replace(text, "\\bKedaJobs\\." + Projects + "\\b", (isCode ? Namespace : Name) + ".$1");
        return text
            .Replace("KedaJobs producer", Name)
            .Replace("name: kedajobs", "name: kedajobs-sample-azd")
            .Replace(" See docs/deploy.md.", "");
    }
}
