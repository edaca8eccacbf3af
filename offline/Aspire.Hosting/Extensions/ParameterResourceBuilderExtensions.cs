using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

public static class ParameterResourceBuilderExtensions
{
    /// <summary>A value that comes from configuration, section <c>Parameters</c>.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddResource(new ParameterResource(name, @default => FromConfiguration(builder.Configuration, name, $"Parameters:{name}", @default), secret))
            .WithParameterState();
    }

    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, string value, bool publishValueAsDefault = false,
        bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(value);
        return builder.AddParameter(name, () => value, publishValueAsDefault, secret);
    }

    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, Func<string> valueGetter,
        bool publishValueAsDefault = false, bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(valueGetter);
        if (publishValueAsDefault && secret)
        {
            throw new ArgumentException("A parameter cannot be both secret and published as a default value.", nameof(secret));
        }

        var resource = new ParameterResource(name, _ => builder.Configuration[$"Parameters:{name}"] ?? valueGetter(), secret)
        {
            Default = publishValueAsDefault ? new ConstantParameterDefault(valueGetter) : null,
        };
        return builder.AddResource(resource).WithParameterState();
    }

    public static IResourceBuilder<ParameterResource> AddParameterFromConfiguration(this IDistributedApplicationBuilder builder, string name, string configurationKey,
        bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configurationKey);
        return builder.AddResource(new ParameterResource(name, @default => FromConfiguration(builder.Configuration, name, configurationKey, @default), secret))
            .WithParameterState();
    }

    public static IResourceBuilder<ParameterResource> WithDescription(this IResourceBuilder<ParameterResource> builder, string description, bool enableMarkdown = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Resource.Description = description;
        builder.Resource.EnableDescriptionMarkdown = enableMarkdown;
        return builder;
    }

    /// <summary>A connection string of something outside the application, from configuration section <c>ConnectionStrings</c>.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(this IDistributedApplicationBuilder builder, string name, string? environmentVariableName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddResource(new ConnectionStringParameterResource(name, _ => builder.Configuration.GetConnectionString(name)
            ?? throw new MissingParameterValueException($"Connection string parameter resource could not be used because connection string '{name}' is missing. Set configuration 'ConnectionStrings:{name}'."),
            environmentVariableName)).WithParameterState();
    }

    internal static string FromConfiguration(IConfiguration configuration, string name, string key, ParameterDefault? @default) =>
        configuration[key] ?? @default?.GetDefaultValue()
        ?? throw new MissingParameterValueException($"Parameter resource could not be used because configuration key '{key}' is missing and the Parameter '{name}' has no default value.");

    /// <summary>A parameter's row shows its value or what is missing; nobody drives it through states later.</summary>
    private static IResourceBuilder<T> WithParameterState<T>(this IResourceBuilder<T> builder) where T : ParameterResource =>
        builder.WithInitialState(new CustomResourceSnapshot { ResourceType = KnownResourceTypes.Parameter, Properties = [] })
            .OnInitializeResource(async (parameter, @event, cancellationToken) =>
            {
                string? value;
                try
                {
                    value = await parameter.GetValueAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (MissingParameterValueException exception)
                {
                    await @event.Notifications.PublishUpdateAsync(parameter, s => s with
                    {
                        State = new ResourceStateSnapshot(KnownResourceStates.ValueMissing, KnownResourceStateStyles.Warn),
                        Properties = s.Properties.SetProperty("Value", exception.Message),
                    }).ConfigureAwait(false);
                    return;
                }

                await @event.Notifications.PublishUpdateAsync(parameter, s => s with
                {
                    State = KnownResourceStates.Running,
                    Properties = s.Properties.SetProperty("Value", value, isSensitive: parameter.Secret),
                }).ConfigureAwait(false);
            });
}

/// <summary>A connection string that the one who runs or deploys supplies.</summary>
internal sealed class ConnectionStringParameterResource : ParameterResource, IResourceWithConnectionString
{
    private readonly string? _environmentVariable;

    public ConnectionStringParameterResource(string name, Func<ParameterDefault?, string> callback, string? environmentVariable) : base(name, callback, secret: true)
    {
        IsConnectionString = true;
        _environmentVariable = environmentVariable;
    }

    public string? ConnectionStringEnvironmentVariable => _environmentVariable;

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{(ParameterResource)this}");
}

public static class ConnectionStringBuilderExtensions
{
    public static IResourceBuilder<ConnectionStringResource> AddConnectionString(this IDistributedApplicationBuilder builder, string name, ReferenceExpression connectionStringExpression)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddResource(new ConnectionStringResource(name, connectionStringExpression))
            .WithInitialState(new CustomResourceSnapshot { ResourceType = KnownResourceTypes.ConnectionString, Properties = [] })
            .OnInitializeResource(async (resource, @event, cancellationToken) =>
            {
                await @event.Eventing.PublishAsync(new ConnectionStringAvailableEvent(resource, @event.Services), cancellationToken).ConfigureAwait(false);
                await @event.Eventing.PublishAsync(new BeforeResourceStartedEvent(resource, @event.Services), cancellationToken).ConfigureAwait(false);
                await @event.Notifications.PublishUpdateAsync(resource, s => s with { State = KnownResourceStates.Running }).ConfigureAwait(false);
            });
    }

    public static IResourceBuilder<ConnectionStringResource> AddConnectionString(this IDistributedApplicationBuilder builder, string name, Action<ReferenceExpressionBuilder> connectionStringBuilder)
    {
        ArgumentNullException.ThrowIfNull(connectionStringBuilder);
        var expression = new ReferenceExpressionBuilder();
        connectionStringBuilder(expression);
        return builder.AddConnectionString(name, expression.Build());
    }
}
