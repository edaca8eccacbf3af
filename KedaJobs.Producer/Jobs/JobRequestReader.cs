using System.Text.Json;
using KedaJobs.Contracts;

namespace KedaJobs.Producer.Jobs;

/// <summary>Reads the body of POST /jobs: one job, or an array of them. Checks all of it before anything is sent.</summary>
internal static class JobRequestReader
{
    private const string Task = "task";
    private const string Input = "input";
    private const string Id = "id";

    private static readonly string IdRule = $"text of 1 to {JobMessage.MaxIdLength} characters, none of them a control character";

    /// <param name="body">The request's body.</param>
    /// <param name="key">The idempotency key, for jobs that bring no id; null for none.</param>
    /// <param name="newId">Makes the id of a job where there is neither.</param>
    /// <param name="errors">Takes everything that is wrong.</param>
    /// <returns>The jobs; of no use when there were errors.</returns>
    public static IReadOnlyList<Job> Read(JsonElement body, string? key, Func<string> newId, FieldErrors errors)
    {
        var jobs = new List<Job>();
        switch (body.ValueKind)
        {
            case JsonValueKind.Object:
                Add(ReadJob(body, path: "", IdOf(body, "", errors) ?? KeyFor(body, key, key, errors) ?? newId(), errors));
                break;

            case JsonValueKind.Array when body.GetArrayLength() == 0:
                errors.Add("body", "The array is empty; send at least one job.");
                break;

            case JsonValueKind.Array:
                var index = 0;
                var ids = new Dictionary<string, int>(StringComparer.Ordinal);
                foreach (var element in body.EnumerateArray())
                {
                    var path = $"[{index}]";
                    var id = IdOf(element, path, errors) ?? KeyFor(element, key, $"{key}-{index}", errors) ?? newId();
                    Add(ReadJob(element, path, id, errors));
                    if (id.Length > 0 && !ids.TryAdd(id, index))
                    {
                        errors.Add(Field(path, Id), $"repeats the id of [{ids[id]}].");
                    }

                    index++;
                }

                break;

            default:
                errors.Add("body", "must be a job, { \"task\": ..., \"input\": ... }, or an array of jobs.");
                break;
        }

        return jobs;

        void Add(Job? job)
        {
            if (job is not null)
            {
                jobs.Add(job);
            }
        }
    }

    /// <summary>The name of a field of a job as errors give it: "input", or "[3].input" in an array.</summary>
    public static string Field(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static Job? ReadJob(JsonElement element, string path, string id, FieldErrors errors)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            errors.Add(path.Length == 0 ? "body" : path, "must be a job: { \"task\": ..., \"input\": ... }.");
            return null;
        }

        foreach (var property in element.EnumerateObject())
        {
            if (property.Name is not (Task or Input or Id))
            {
                errors.Add(Field(path, property.Name), "is not a field of a job. A job has task, input and, if you like, id.");
            }
        }

        if (ReadTask(element, path, errors) is not { } task)
        {
            return null;
        }

        var input = element.TryGetProperty(Input, out var given) ? given : default;
        foreach (var error in task.Check(input))
        {
            errors.Add(error.FieldOf(Field(path, Input)), error.Message);
        }

        return new Job(id, task, input);
    }

    private static JobTask? ReadTask(JsonElement element, string path, FieldErrors errors)
    {
        var known = string.Join(", ", JobTasks.All.Select(task => task.Name));
        if (!element.TryGetProperty(Task, out var given) || given.ValueKind != JsonValueKind.String)
        {
            errors.Add(Field(path, Task), $"must name a task, as text: {known}.");
            return null;
        }

        if (JobTasks.TryFind(given.GetString()!, out var task))
        {
            return task;
        }

        errors.Add(Field(path, Task), $"There is no task '{given.GetString()}'. Known tasks: {known}.");
        return null;
    }

    // Null when the job brings none; empty when it is no id.
    private static string? IdOf(JsonElement element, string path, FieldErrors errors)
    {
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(Id, out var given))
        {
            return null;
        }

        var id = given.ValueKind == JsonValueKind.String ? given.GetString()! : "";
        if (IsId(id))
        {
            return id;
        }

        errors.Add(Field(path, Id), $"must be {IdRule}. Leave it out to get one.");
        return "";
    }

    private static string? KeyFor(JsonElement element, string? key, string? id, FieldErrors errors)
    {
        if (key is null || element.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (IsId(key) && IsId(id!))
        {
            return id;
        }

        errors.AddOnce(IdempotencyKey.Header, $"must be {IdRule}, the position of a job in an array (-0, -1, ...) included.");
        return "";
    }

    private static bool IsId(string id) => !string.IsNullOrWhiteSpace(id) && id.Length <= JobMessage.MaxIdLength && !id.Any(char.IsControl);
}
