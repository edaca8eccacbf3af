using System.Text.Json;
using KedaJobs.Contracts;

namespace KedaJobs.Producer.Jobs;

/// <summary>A job that has been checked.</summary>
internal sealed record Job(string Id, JobTask Task, JsonElement Input);
