using System.Text.Json;
using KedaJobs.Contracts;

namespace KedaJobs.Producer.Jobs;

/// <summary>Reads the body of POST /jobs: one job, or an array of them. Checks all of it before anything is sent.</summary>
internal static class JobRequestReader
{
    private const string Task = "task";
    private const string Input = "input";
    private const string Id = "id";

    /// <param name="body">The request's body.</param>
    /// <param name="newId">Makes the id of a job that brings none.</param>
    /// <param name="errors">Takes everything that is wrong.</param>
    /// <returns>The jobs; of no use when there were errors.</returns>
    public static IReadOnlyList<Job> Read(JsonElement body, Func<string> newId, FieldErrors errors)
    {
        var jobs = new List<Job>();
        switch (body.ValueKind)
        {
            case JsonValueKind.Object:
                Add(ReadJob(body, path: "", newId, errors));
                break;

            case JsonValueKind.Array when body.GetArrayLength() == 0:
                errors.Add("body", "The array is empty; send at least one job.");
                break;

            case JsonValueKind.Array:
                var index = 0;
                foreach (var element in body.EnumerateArray())
                {
                    Add(ReadJob(element, $"[{index++}]", newId, errors));
                }

                RefuseRepeatedIds(body, errors);
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

    private static Job? ReadJob(JsonElement element, string path, Func<string> newId, FieldErrors errors)
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

        var id = ReadId(element, path, newId, errors);
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

    private static string ReadId(JsonElement element, string path, Func<string> newId, FieldErrors errors)
    {
        if (!element.TryGetProperty(Id, out var given))
        {
            return newId();
        }

        var id = given.ValueKind == JsonValueKind.String ? given.GetString()! : "";
        if (string.IsNullOrWhiteSpace(id) || id.Length > JobMessage.MaxIdLength || id.Any(char.IsControl))
        {
            errors.Add(
                Field(path, Id), $"must be text of 1 to {JobMessage.MaxIdLength} characters, none of them a control character. Leave it out to get one.");
        }

        return id;
    }

    private static void RefuseRepeatedIds(JsonElement array, FieldErrors errors)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var index = -1;
        foreach (var element in array.EnumerateArray())
        {
            index++;
            if (element.ValueKind == JsonValueKind.Object
                && element.TryGetProperty(Id, out var id)
                && id.ValueKind == JsonValueKind.String
                && !seen.TryAdd(id.GetString()!, index))
            {
                errors.Add(Field($"[{index}]", Id), $"repeats the id of [{seen[id.GetString()!]}].");
            }
        }
    }
}
