using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using KedaJobs.Contracts;
using KedaJobs.Producer.Jobs;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace KedaJobs.Producer.OpenApi;

/// <summary>What the OpenAPI document says beyond what the endpoints' signatures tell: the body of POST /jobs, by task.</summary>
internal static class ApiDocument
{
    private static readonly Dictionary<string, JsonObject> Inputs = new()
    {
        [JobTasks.WordCount.Name] = new JsonObject { ["text"] = "To be, or not to be: that is the question." },
        [JobTasks.Primes.Name] = new JsonObject { ["upTo"] = 1_000_000 },
        [JobTasks.Delay.Name] = new JsonObject { ["seconds"] = 2.5 },
        [JobTasks.Fail.Name] = new JsonObject { ["message"] = "Something is not right." },
    };

    public static void Describe(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "KedaJobs producer";
            document.Info.Description = "Accepts work, puts it on a queue for event-driven jobs, shows the queue and the results.";
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            // Nullable in C#, so that a missing one is noticed; in JSON null is as wrong as nothing.
            if (context.JsonPropertyInfo?.AttributeProvider?.IsDefined(typeof(RequiredAttribute), inherit: false) == true)
            {
                schema.Type &= ~JsonSchemaType.Null;
            }

            return Task.CompletedTask;
        });
        options.AddOperationTransformer(async (operation, context, cancellationToken) =>
        {
            if (context.Description.RelativePath == JobsEndpoint.Route.TrimStart('/'))
            {
                operation.RequestBody = await JobsBodyAsync(context, cancellationToken);
                operation.Parameters = [.. operation.Parameters ?? [], Key()];
            }
        });
    }

    private static async Task<OpenApiRequestBody> JobsBodyAsync(
        OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var jobs = new List<IOpenApiSchema>();
        var examples = new Dictionary<string, IOpenApiExample>();
        foreach (var task in JobTasks.All)
        {
            jobs.Add(await JobSchemaAsync(task, context, cancellationToken));
            examples[task.Name] = new OpenApiExample { Summary = task.Summary, Value = Example(task) };
        }

        examples["array"] =
            new OpenApiExample { Summary = "Several at once.", Value = new JsonArray([.. JobTasks.All.Take(2).Select(Example)]) };
        var job = new OpenApiSchema { OneOf = jobs };
        return new OpenApiRequestBody
        {
            Required = true,
            Description = "One job, or an array of jobs.",
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/json"] = new()
                {
                    Schema =
                        new OpenApiSchema { OneOf = [job, new OpenApiSchema { Type = JsonSchemaType.Array, MinItems = 1, Items = job }] },
                    Examples = examples,
                },
            },
        };
    }

    private static OpenApiParameter Key() => new()
    {
        Name = IdempotencyKey.Header,
        In = ParameterLocation.Header,
        Description = "The id of a job that has none of its own. With an array, the position is added: KEY-0, KEY-1, ...",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = JobMessage.MaxIdLength },
    };

    private static async Task<OpenApiSchema> JobSchemaAsync(
        JobTask task, OpenApiOperationTransformerContext context, CancellationToken cancellationToken) => new()
        {
            Type = JsonSchemaType.Object,
            Title = task.Name,
            Description = task.Summary,
            Required = new HashSet<string> { "task", "input" },
            AdditionalPropertiesAllowed = false,
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["task"] = new OpenApiSchema { Type = JsonSchemaType.String, Enum = [task.Name] },
                ["input"] = await context.GetOrCreateSchemaAsync(task.InputType, cancellationToken: cancellationToken),
                ["id"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    MinLength = 1,
                    MaxLength = JobMessage.MaxIdLength,
                    Description = "The job's id: yours, so that posting it again is safe, or left out.",
                },
            },
        };

    private static JsonNode Example(JobTask task) => new JsonObject { ["task"] = task.Name, ["input"] = Inputs[task.Name].DeepClone() };
}
