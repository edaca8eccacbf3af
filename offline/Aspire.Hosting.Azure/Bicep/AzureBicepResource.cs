using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Pipelines;
using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.Azure;

public class AzureBicepResource : Resource, IAzureResource, IResourceWithParameters
{
    private readonly string? _templateFile;
    private readonly string? _templateString;

    public AzureBicepResource(string name, string? templateFile = null, string? templateString = null, string? templateResourceName = null)
        : base(name)
    {
        _templateFile = templateFile;
        _templateString = templateString;
        Annotations.Add(new ManifestPublishingCallbackAnnotation(WriteToManifest));

        // In every mode, and before anything starts: whoever asks for an output waits from here on, and the template is written once to
        // know the parameters of the module.
        Annotations.Add(new PipelineStepAnnotation(_ =>
        {
            ProvisioningTaskCompletionSource = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return Enumerable.Empty<PipelineStep>();
        }));
        Annotations.Add(new PipelineConfigurationAnnotation(_ => { GetBicepTemplateString(); }));
    }

    public Dictionary<string, object?> Parameters { get; } = [];

    public Dictionary<string, object?> Outputs { get; } = [];

    public HashSet<object> References { get; } = [];

    public AzureBicepResourceScope? Scope { get; set; }

    public TaskCompletionSource? ProvisioningTaskCompletionSource { get; set; }

    IDictionary<string, object?> IResourceWithParameters.Parameters => Parameters;

    public virtual string GetBicepTemplateString() =>
        _templateString
            ?? File.ReadAllText(_templateFile ?? throw new InvalidOperationException($"The resource {Name} has no Bicep template."));

    public virtual BicepTemplateFile GetBicepTemplateFile(string? directory = null, bool deleteTemporaryFileOnDispose = true)
    {
        if (_templateFile is not null)
        {
            return new BicepTemplateFile(_templateFile, deleteFileOnDispose: false);
        }

        return WriteTemplate(Name.ToLowerInvariant(), GetBicepTemplateString(), directory, deleteTemporaryFileOnDispose);
    }

    public virtual void WriteToManifest(ManifestPublishingContext context)
    {
        using var template = GetBicepTemplateFile(Path.GetDirectoryName(context.ManifestPath), deleteTemporaryFileOnDispose: false);
        var writer = context.Writer;
        writer.WriteString("type", Scope is null ? "azure.bicep.v0" : "azure.bicep.v1");
        context.WriteConnectionString(this);
        writer.WriteString("path", context.GetManifestRelativePath(template.Path));
        if (Parameters.Count > 0)
        {
            writer.WriteStartObject("params");
            foreach (var (name, value) in Parameters)
            {
                WriteParameter(context, name, value);
            }

            writer.WriteEndObject();
        }

        if (Scope is not null)
        {
            writer.WriteStartObject("scope");
            WriteParameter(context, "resourceGroup", Scope.ResourceGroup);
            if (Scope.Subscription is not null)
            {
                WriteParameter(context, "subscription", Scope.Subscription);
            }

            writer.WriteEndObject();
        }
    }

    private protected static BicepTemplateFile WriteTemplate(string name, string text, string? directory, bool deleteFileOnDispose)
    {
        directory ??= Directory.CreateTempSubdirectory("aspire").FullName;
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, $"{name}.module.bicep");
        File.WriteAllText(path, text);
        return new BicepTemplateFile(path, deleteFileOnDispose);
    }

    private static void WriteParameter(ManifestPublishingContext context, string name, object? value)
    {
        var given = value is Func<object?> callback ? callback() : value;
        switch (given)
        {
            case null:
                context.Writer.WriteString(name, "");
                break;
            case string text:
                context.Writer.WriteString(name, text);
                break;
            case IManifestExpressionProvider expression:
                context.Writer.WriteString(name, expression.ValueExpression);
                break;
            case JsonNode or IEnumerable<string>:
                context.Writer.WritePropertyName(name);
                JsonSerializer.Serialize(context.Writer, given);
                break;
            case var other:
                context.Writer.WriteString(name, other.ToString());
                break;
        }

        context.TryAddDependentResources(value);
    }

    public static class KnownParameters
    {
        public static readonly string PrincipalId = "principalId";

        public static readonly string UserPrincipalId = "userPrincipalId";

        public static readonly string PrincipalName = "principalName";

        public static readonly string PrincipalType = "principalType";

        public static readonly string Location = "location";

        /// <summary>Whoever deploys fills these in; the manifest carries them empty.</summary>
        internal static bool IsKnown(string name) =>
            name == PrincipalId || name == UserPrincipalId || name == PrincipalName || name == PrincipalType || name == Location;
    }
}

public sealed class AzureBicepResourceScope
{
    public AzureBicepResourceScope(object resourceGroup)
    {
        ResourceGroup = resourceGroup;
    }

    public AzureBicepResourceScope(object resourceGroup, object subscription)
    {
        ResourceGroup = resourceGroup;
        Subscription = subscription;
    }

    public object ResourceGroup { get; }

    public object? Subscription { get; }
}

public readonly struct BicepTemplateFile(string path, bool deleteFileOnDispose) : IDisposable
{
    public string Path { get; } = path;

    public void Dispose()
    {
        if (deleteFileOnDispose)
        {
            File.Delete(Path);
        }
    }
}
