using System.Text.Json.Serialization;

namespace KedaJobs.Planner;

/// <summary>A rule of KEDA's cron scaler as users write it.</summary>
/// <param name="Name">The rule's name; only a scenario uses it.</param>
/// <param name="Timezone">A name of the IANA database.</param>
/// <param name="Start">Five cron fields.</param>
/// <param name="End">Five cron fields.</param>
/// <param name="DesiredReplicas">A whole number from 1.</param>
internal sealed record CronDocument(
    string? Name = null,
    string? Timezone = null,
    string? Start = null,
    string? End = null,
    [property: JsonConverter(typeof(NumberOrString))] string? DesiredReplicas = null);
