using System.Text.Json;
using System.Text.Json.Serialization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Projects;

internal sealed record NamedLaunchProfile(string Name, LaunchProfile Profile);

/// <summary>Reads a project's launchSettings.json and chooses the profile that applies.</summary>
internal static partial class LaunchProfiles
{
    public static NamedLaunchProfile? EffectiveLaunchProfile(this ProjectResource project)
    {
        if (project.HasAnnotationOfType<ExcludeLaunchProfileAnnotation>())
        {
            return null;
        }

        var metadata = project.GetProjectMetadata();
        var settings = metadata.LaunchSettings ?? Read(metadata.ProjectPath);
        if (project.TryGetLastAnnotation<LaunchProfileAnnotation>(out var named))
        {
            return settings?.Profiles.TryGetValue(named.LaunchProfileName, out var wanted) == true
                ? new NamedLaunchProfile(named.LaunchProfileName, wanted)
                : throw new DistributedApplicationException(
                    $"Launch profile with name '{named.LaunchProfileName}' for project '{project.Name}' not found: add it to the project's Properties/launchSettings.json or name another one.");
        }

        if (settings is null)
        {
            return null;
        }

        // The AppHost's own profile name ("http") picks the same-named one of the project, so that both speak the same scheme.
        if (project.TryGetLastAnnotation<DefaultLaunchProfileAnnotation>(out var preferred)
            && settings.Profiles.TryGetValue(preferred.LaunchProfileName, out var same))
        {
            return new NamedLaunchProfile(preferred.LaunchProfileName, same);
        }

        var first = settings.Profiles.FirstOrDefault(p => p.Value.CommandName is "Project" or "Executable");
        return first.Key is null ? null : new NamedLaunchProfile(first.Key, first.Value);
    }

    private static LaunchSettings? Read(string projectPath)
    {
        var path = Path.Combine(Path.GetDirectoryName(projectPath)!, "Properties", "launchSettings.json");
        if (!File.Exists(path))
        {
            return null;
        }

        using var stream = File.OpenRead(path);
        try
        {
            return JsonSerializer.Deserialize(stream, LaunchSettingsContext.Default.LaunchSettings);
        }
        catch (JsonException exception)
        {
            throw new DistributedApplicationException($"The launch settings file '{path}' is not valid JSON: {exception.Message}", exception);
        }
    }

    [JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true, ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
    [JsonSerializable(typeof(LaunchSettings))]
    private sealed partial class LaunchSettingsContext : JsonSerializerContext;
}
