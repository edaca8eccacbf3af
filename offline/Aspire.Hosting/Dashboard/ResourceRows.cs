using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.Wire;
using Google.Protobuf.WellKnownTypes;
using HealthStatus = Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus;

namespace Aspire.Hosting.Dashboard;

/// <summary>
/// Turns snapshots into the dashboard's rows. One malformed row ends the dashboard's watch without a word and leaves its page at "Loading...",
/// so nothing malformed may pass here: it is repaired or dropped, and said.
/// </summary>
internal static class ResourceRows
{
    /// <param name="resource">The resource; its name is the display name.</param>
    /// <param name="id">The row's unique name.</param>
    /// <param name="snapshot">What is known about it.</param>
    /// <param name="defaultCreation">Creation time of rows that do not tell one: the dashboard wants it on each.</param>
    /// <param name="problem">Gets a sentence for each repair.</param>
    public static ResourceRow? From(IResource resource, string id, CustomResourceSnapshot snapshot, DateTime defaultCreation, Action<string> problem)
    {
        if (string.IsNullOrWhiteSpace(id) || string.IsNullOrWhiteSpace(resource.Name))
        {
            problem("A resource without a name is not shown in the dashboard.");
            return null;
        }

        void Say(string text) => problem($"Resource '{id}': {text}");

        var row = new ResourceRow
        {
            Name = id,
            DisplayName = resource.Name,
            Uid = id,
            Type = string.IsNullOrWhiteSpace(snapshot.ResourceType) ? resource.GetType().Name : snapshot.ResourceType,
            CreatedAt = Time(snapshot.CreationTimeStamp ?? defaultCreation),
            StartedAt = Time(snapshot.StartTimeStamp),
            StoppedAt = Time(snapshot.StopTimeStamp),
            IsHidden = snapshot.IsHidden,
        };
        if (!string.IsNullOrWhiteSpace(snapshot.State?.Text))
        {
            row.State = snapshot.State.Text;
        }

        if (!string.IsNullOrWhiteSpace(snapshot.State?.Style))
        {
            row.StateStyle = snapshot.State.Style;
        }

        if (!string.IsNullOrWhiteSpace(snapshot.IconName))
        {
            row.IconName = snapshot.IconName;
            row.IconVariant = IconOf(snapshot.IconVariant ?? IconVariant.Filled);
        }

        row.Environment.AddRange(Items(snapshot.EnvironmentVariables)
            .Where(v => !string.IsNullOrWhiteSpace(v.Name))
            .Select(VariableOf));
        row.Urls.AddRange(Items(snapshot.Urls).Select(url => LinkOf(url, Say)).OfType<Link>());
        row.Volumes.AddRange(Items(snapshot.Volumes).Select(MountOf));
        row.HealthReports.AddRange(Items(snapshot.HealthReports).Select(HealthOf));
        row.Relationships.AddRange(Items(snapshot.Relationships)
            .Where(r => !string.IsNullOrWhiteSpace(r.ResourceName) && !string.IsNullOrWhiteSpace(r.Type))
            .Select(r => new Relationship { ResourceName = r.ResourceName, Type = r.Type }));
        row.Commands.AddRange(Items(snapshot.Commands)
            .Where(c => c.Visibility.HasFlag(ResourceCommandVisibility.UI))
            .Select(command => CommandOf(command, Say))
            .OfType<Command>()
            .DistinctBy(c => c.Name));
        row.Properties.AddRange(Properties(row, snapshot, Say));
        return row;
    }

    private static IEnumerable<T> Items<T>(ImmutableArray<T> array) => array.IsDefault ? [] : array.OfType<T>();

    private static Timestamp? Time(DateTime? time) => time is { } t ? Timestamp.FromDateTime(t.ToUniversalTime()) : null;

    private static string? Text(DateTime? time) => time?.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture);

    private static Icon IconOf(IconVariant variant) => variant == IconVariant.Filled ? Icon.Filled : Icon.Regular;

    private static Variable VariableOf(EnvironmentVariableSnapshot variable)
    {
        var wire = new Variable { Name = variable.Name, IsFromSpec = variable.IsFromSpec };
        if (variable.Value is not null)
        {
            wire.Value = variable.Value;
        }

        return wire;
    }

    private static Link? LinkOf(UrlSnapshot url, Action<string> problem)
    {
        // On Unix a path counts as an absolute URL of a file.
        if (!Uri.TryCreate(url.Url, UriKind.Absolute, out _) || url.Url.StartsWith('/'))
        {
            problem($"the URL '{url.Url}' is not absolute and is not shown.");
            return null;
        }

        var wire = new Link
        {
            FullUrl = url.Url,
            IsInternal = url.IsInternal,
            IsInactive = url.IsInactive,
            Display = new LinkDisplay { DisplayName = url.DisplayProperties?.DisplayName ?? "", SortOrder = url.DisplayProperties?.SortOrder ?? 0 },
        };
        if (url.Name is not null)
        {
            wire.EndpointName = url.Name;
        }

        return wire;
    }

    private static Mount MountOf(VolumeSnapshot volume) => new()
    {
        Source = volume.Source ?? "",
        Target = volume.Target ?? "",
        Type = volume.MountType ?? "",
        IsReadOnly = volume.IsReadOnly,
    };

    private static HealthCheck HealthOf(HealthReportSnapshot report)
    {
        var wire = new HealthCheck
        {
            Key = report.Name ?? "",
            Description = report.Description ?? "",
            Exception = report.ExceptionText ?? "",
            LastRunAt = Time(report.LastRunAt),
        };
        if (report.Status is { } status)
        {
            wire.Status = status switch
            {
                HealthStatus.Healthy => HealthState.Healthy,
                HealthStatus.Degraded => HealthState.Degraded,
                _ => HealthState.Unhealthy,
            };
        }

        return wire;
    }

    private static Command? CommandOf(ResourceCommandSnapshot command, Action<string> problem)
    {
        if (string.IsNullOrWhiteSpace(command.Name))
        {
            problem("a command without a name is not shown.");
            return null;
        }

        if (string.IsNullOrWhiteSpace(command.DisplayName))
        {
            problem($"the command '{command.Name}' has no display name; its name is shown.");
        }

        var wire = new Command
        {
            Name = command.Name,
            DisplayName = string.IsNullOrWhiteSpace(command.DisplayName) ? command.Name : command.DisplayName,
            IsHighlighted = command.IsHighlighted,
            State = command.State switch
            {
                ResourceCommandState.Enabled => CommandState.CommandEnabled,
                ResourceCommandState.Disabled => CommandState.CommandDisabled,
                _ => CommandState.CommandHidden,
            },
        };
        if (!string.IsNullOrWhiteSpace(command.ConfirmationMessage))
        {
            wire.ConfirmationMessage = command.ConfirmationMessage;
        }

        if (!string.IsNullOrWhiteSpace(command.DisplayDescription))
        {
            wire.Description = command.DisplayDescription;
        }

        if (!string.IsNullOrWhiteSpace(command.IconName))
        {
            wire.IconName = command.IconName;
            wire.IconVariant = IconOf(command.IconVariant ?? IconVariant.Regular);
        }

        wire.Inputs.AddRange(command.Arguments.Select(a => CommandInputs.ToWire(a, value: null)));
        return wire;
    }

    // The basics go out with every row, as properties too: the details pane takes its rows from them. What the snapshot says itself wins.
    private static IEnumerable<Property> Properties(ResourceRow row, CustomResourceSnapshot snapshot, Action<string> problem)
    {
        var properties = new Dictionary<string, Property>(StringComparer.Ordinal);
        Add("resource.uid", row.Uid);
        Add("resource.name", row.Name);
        Add("resource.type", row.Type);
        Add("resource.displayName", row.DisplayName);
        Add("resource.state", snapshot.State?.Text);
        Add("resource.exitCode", snapshot.ExitCode?.ToString(CultureInfo.InvariantCulture));
        Add("resource.createTime", Text(snapshot.CreationTimeStamp));
        Add("resource.startTime", Text(snapshot.StartTimeStamp));
        Add("resource.stopTime", Text(snapshot.StopTimeStamp));
        Add("resource.healthState", snapshot.HealthStatus?.ToString());
        foreach (var property in Items(snapshot.Properties))
        {
            if (string.IsNullOrWhiteSpace(property.Name))
            {
                problem("a property without a name is not shown.");
                continue;
            }

            Add(property.Name, property.Value, property.IsSensitive);
        }

        return properties.Values;

        void Add(string name, object? value, bool isSensitive = false)
        {
            var wire = new Property { Name = name, Value = ValueOf(value), IsSensitive = isSensitive };
            if (Label(row.Type, name) is var (label, order))
            {
                wire.DisplayName = label;
                wire.SortOrder = order;
                wire.IsHighlighted = true;
            }

            properties[name] = wire;
        }
    }

    // What the dashboard shows without being asked for all properties, beside its own rows (which take the places 0 to 6).
    private static (string Label, int Order)? Label(string type, string property) => (type, property) switch
    {
        ("Project", "project.path") => ("Project path", 7),
        ("Project", "project.launchProfile") => ("Launch profile", 8),
        ("Project", "executable.pid") => ("Process ID", 9),
        ("Executable", "executable.path") => ("Executable path", 7),
        ("Executable", "executable.workDir") => ("Working directory", 8),
        ("Executable", "executable.args") => ("Executable arguments", 9),
        ("Executable", "executable.pid") => ("Process ID", 10),
        _ => null,
    };

    internal static Value ValueOf(object? value) => value switch
    {
        null => Value.ForNull(),
        Value wire => wire,
        string text => Value.ForString(text),
        bool flag => Value.ForBool(flag),
        int or long or short or byte or uint or ushort or sbyte or float or double or decimal
            => Value.ForNumber(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        DateTime time => Value.ForString(Text(time)!),
        IDictionary map => Value.ForStruct(StructOf(map)),
        IEnumerable items => Value.ForList([.. items.Cast<object?>().Select(ValueOf)]),
        IFormattable other => Value.ForString(other.ToString(null, CultureInfo.InvariantCulture)),
        _ => Value.ForString(value.ToString() ?? ""),
    };

    private static Struct StructOf(IDictionary map)
    {
        var wire = new Struct();
        foreach (DictionaryEntry entry in map)
        {
            wire.Fields[Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? ""] = ValueOf(entry.Value);
        }

        return wire;
    }
}
