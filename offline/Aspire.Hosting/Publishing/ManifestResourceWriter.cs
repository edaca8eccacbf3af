using System.Text.Json;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <summary>The manifest's entry of one resource, by its kind or by its own callback.</summary>
internal sealed class ManifestResourceWriter(ManifestPublishingContext context)
{
    private Utf8JsonWriter Writer => context.Writer;

    public async Task WriteAsync(IResource resource)
    {
        if (resource.TryGetLastAnnotation<ManifestPublishingCallbackAnnotation>(out var annotation))
        {
            if (annotation.Callback is { } callback)
            {
                await EntryAsync(resource, () => callback(context)).ConfigureAwait(false);
            }

            return;
        }

        switch (resource)
        {
            case ContainerResource container:
                await EntryAsync(resource, () => WriteContainerAsync(container)).ConfigureAwait(false);
                break;
            case ProjectResource project:
                await EntryAsync(resource, () => WriteProjectAsync(project)).ConfigureAwait(false);
                break;
            case ExecutableResource executable:
                await EntryAsync(resource, () => WriteExecutableAsync(executable)).ConfigureAwait(false);
                break;
            case ParameterResource parameter:
                await EntryAsync(resource, () => WriteParameter(parameter)).ConfigureAwait(false);
                break;
            case IResourceWithConnectionString:
                await EntryAsync(resource, () => WriteValue(resource)).ConfigureAwait(false);
                break;
        }
    }

    public async Task WriteContainerAsync(ContainerResource container)
    {
        var target = container.GetDeploymentTargetAnnotation();
        if (!container.TryGetContainerImageName(out var image))
        {
            throw new DistributedApplicationException($"Container '{container.Name}' has no image: it cannot be published.");
        }

        Writer.WriteString("type", target is null ? "container.v0" : "container.v1");
        context.WriteConnectionString(container);
        Writer.WriteString("image", image);
        await WriteDeploymentAsync(target).ConfigureAwait(false);
        if (container.Entrypoint is { } entrypoint)
        {
            Writer.WriteString("entrypoint", entrypoint);
        }

        await WriteProcessAsync(container).ConfigureAwait(false);
    }

    private async Task EntryAsync(IResource resource, Func<Task> write)
    {
        Writer.WriteStartObject(resource.Name);
        await write().ConfigureAwait(false);
        Writer.WriteEndObject();
    }

    private async Task WriteProjectAsync(ProjectResource project)
    {
        var target = project.GetDeploymentTargetAnnotation();
        Writer.WriteString("type", target is null ? "project.v0" : "project.v1");
        Writer.WriteString("path", context.GetManifestRelativePath(project.GetProjectMetadata().ProjectPath));
        await WriteDeploymentAsync(target).ConfigureAwait(false);
        await WriteProcessAsync(project).ConfigureAwait(false);
    }

    private async Task WriteExecutableAsync(ExecutableResource executable)
    {
        Writer.WriteString("type", "executable.v0");
        Writer.WriteString("workingDirectory", context.GetManifestRelativePath(executable.WorkingDirectory));
        Writer.WriteString("command", executable.Command);
        await WriteProcessAsync(executable).ConfigureAwait(false);
    }

    private async Task WriteProcessAsync(IResource resource)
    {
        await context.WriteCommandLineArgumentsAsync(resource).ConfigureAwait(false);
        await context.WriteEnvironmentVariablesAsync(resource).ConfigureAwait(false);
        context.WriteBindings(resource);
    }

    /// <summary>What the compute environment made of the resource: a Bicep module, written by the callback of the resource that stands for it.</summary>
    private async Task WriteDeploymentAsync(DeploymentTargetAnnotation? target)
    {
        if (target is not null && target.DeploymentTarget.TryGetLastAnnotation<ManifestPublishingCallbackAnnotation>(out var annotation) && annotation.Callback is { } callback)
        {
            Writer.WriteStartObject("deployment");
            await callback(context).ConfigureAwait(false);
            Writer.WriteEndObject();
        }
    }

    private Task WriteParameter(ParameterResource parameter)
    {
        Writer.WriteString("type", "parameter.v0");
        if (parameter.IsConnectionString)
        {
            Writer.WriteString("connectionString", parameter.ValueExpression.Replace(".connectionString}", ".value}", StringComparison.Ordinal));
        }

        Writer.WriteString("value", parameter.InputExpression);
        Writer.WriteStartObject("inputs");
        Writer.WriteStartObject("value");
        Writer.WriteString("type", "string");
        if (parameter.Secret)
        {
            Writer.WriteBoolean("secret", true);
        }

        if (parameter.Default is { } @default)
        {
            Writer.WriteStartObject("default");
            @default.WriteToManifest(context);
            Writer.WriteEndObject();
        }

        Writer.WriteEndObject();
        Writer.WriteEndObject();
        return Task.CompletedTask;
    }

    private Task WriteValue(IResource resource)
    {
        Writer.WriteString("type", "value.v0");
        context.WriteConnectionString(resource);
        return Task.CompletedTask;
    }
}
