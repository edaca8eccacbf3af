using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Hosting;
using KedaJobs.Hosting.Publishing;

namespace Aspire.Hosting;

/// <summary>Adds scale rules to an event job, and chooses how its rules sign in.</summary>
[AspireExportIgnore(Reason = PolyglotAppHosts.NotSupported)]
public static class ScaleRuleExtensions
{
    /// <summary>Adds a scale rule for any KEDA scaler, in addition to the queues and subscriptions that are the job's triggers.</summary>
    /// <remarks>
    /// Here, rules of type <c>cron</c> are evaluated as in KEDA. Any other rule applies in Azure only, and a warning says so (KJ025). For a
    /// queue or subscription of the AppHost, use <c>WithTrigger</c>, which is also evaluated on this machine. Values of
    /// <paramref name="metadata"/> are strings, as KEDA requires. Names that the scaler doesn't know are reported (KJ020, KJ036).
    /// </remarks>
    /// <typeparam name="T">The worker's resource type.</typeparam>
    /// <param name="builder">The event job's worker.</param>
    /// <param name="name">The rule's name, unique in the job.</param>
    /// <param name="type">The KEDA scaler, for instance <c>azure-queue</c> or <c>cron</c>.</param>
    /// <param name="metadata">The scaler's metadata.</param>
    /// <param name="identity">The identity that the rule signs in with; assign it the roles that the scaler needs.</param>
    /// <returns>The worker's builder.</returns>
    /// <exception cref="ArgumentNullException">An argument other than <paramref name="identity"/> is null.</exception>
    /// <exception cref="JobDeclarationException">The resource is not an event job.</exception>
    public static IResourceBuilder<T> WithScaleRule<T>(
        this IResourceBuilder<T> builder,
        string name,
        string type,
        IReadOnlyDictionary<string, string> metadata,
        IResourceBuilder<AzureUserAssignedIdentityResource>? identity = null)
        where T : IComputeResource =>
        WithScaleRule(builder, name, type, Metadata(metadata), identity);

    /// <summary>Adds a scale rule for any KEDA scaler that signs in with a secret.</summary>
    /// <inheritdoc cref="WithScaleRule{T}(IResourceBuilder{T}, string, string, IReadOnlyDictionary{string, string}, IResourceBuilder{AzureUserAssignedIdentityResource})"/>
    /// <param name="builder">The event job's worker.</param>
    /// <param name="name">The rule's name, unique in the job.</param>
    /// <param name="type">The KEDA scaler.</param>
    /// <param name="metadata">The scaler's metadata, without anything secret.</param>
    /// <param name="secret">A secret parameter of the AppHost (KJ037).</param>
    /// <param name="triggerParameter">The scaler's parameter that takes it, for instance <c>connection</c>.</param>
    public static IResourceBuilder<T> WithScaleRule<T>(
        this IResourceBuilder<T> builder,
        string name,
        string type,
        IReadOnlyDictionary<string, string> metadata,
        IResourceBuilder<ParameterResource> secret,
        string triggerParameter)
        where T : IComputeResource =>
        WithScaleRule(builder, name, type, Metadata(metadata), secret, triggerParameter);

    /// <summary>Adds a scale rule for any KEDA scaler, whose metadata refers to parameters or to outputs of resources.</summary>
    /// <inheritdoc cref="WithScaleRule{T}(IResourceBuilder{T}, string, string, IReadOnlyDictionary{string, string}, IResourceBuilder{AzureUserAssignedIdentityResource})"/>
    public static IResourceBuilder<T> WithScaleRule<T>(
        this IResourceBuilder<T> builder,
        string name,
        string type,
        ScaleRuleMetadata metadata,
        IResourceBuilder<AzureUserAssignedIdentityResource>? identity = null)
        where T : IComputeResource =>
        Add(builder, name, type, metadata, identity is null ? null : new ScalerAccess.WithIdentity(identity.Resource));

    /// <summary>
    /// Adds a scale rule for any KEDA scaler that signs in with a secret, and whose metadata refers
    /// to parameters or to outputs of resources.
    /// </summary>
    /// <inheritdoc cref="WithScaleRule{T}(IResourceBuilder{T}, string, string, IReadOnlyDictionary{string, string}, IResourceBuilder{ParameterResource}, string)"/>
    public static IResourceBuilder<T> WithScaleRule<T>(
        this IResourceBuilder<T> builder,
        string name,
        string type,
        ScaleRuleMetadata metadata,
        IResourceBuilder<ParameterResource> secret,
        string triggerParameter)
        where T : IComputeResource
    {
        ArgumentNullException.ThrowIfNull(secret);
        ArgumentException.ThrowIfNullOrEmpty(triggerParameter);
        return Add(builder, name, type, metadata, new ScalerAccess.WithSecret(secret.Resource, triggerParameter));
    }

    /// <summary>
    /// Lets the rules of the job's triggers sign in with your own identity instead of the one that <c>AsEventJob</c> creates. It needs the
    /// role Azure Service Bus Data Owner on the triggers' namespaces, because reading an entity's counts requires the Manage claim.
    /// </summary>
    /// <typeparam name="T">The worker's resource type.</typeparam>
    /// <param name="builder">The event job's worker.</param>
    /// <param name="identity">The identity.</param>
    /// <returns>The worker's builder.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="JobDeclarationException">The resource is not an event job.</exception>
    public static IResourceBuilder<T> WithScalerIdentity<T>(
        this IResourceBuilder<T> builder, IResourceBuilder<AzureUserAssignedIdentityResource> identity)
        where T : IComputeResource
    {
        ArgumentNullException.ThrowIfNull(identity);
        return Replace(builder, new ScalerAccess.WithIdentity(identity.Resource));
    }

    /// <summary>
    /// Lets the rules of the job's triggers sign in with a connection string, for a namespace with local authentication enabled. The
    /// connection string becomes a secret of the job. Prefer an identity. All triggers must be in that namespace (KJ020).
    /// </summary>
    /// <typeparam name="T">The worker's resource type.</typeparam>
    /// <param name="builder">The event job's worker.</param>
    /// <param name="connectionString">A secret parameter (KJ037) with a connection string that has the Manage claim.</param>
    /// <returns>The worker's builder.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="JobDeclarationException">The resource is not an event job.</exception>
    public static IResourceBuilder<T> WithScalerConnection<T>(
        this IResourceBuilder<T> builder, IResourceBuilder<ParameterResource> connectionString)
        where T : IComputeResource
    {
        ArgumentNullException.ThrowIfNull(connectionString);
        return Replace(builder, new ScalerAccess.WithSecret(connectionString.Resource, "connection"));
    }

    private static IResourceBuilder<T> Add<T>(
        IResourceBuilder<T> builder, string name, string type, ScaleRuleMetadata metadata, ScalerAccess? access)
        where T : IComputeResource
    {
        EventJobExtensions.EventJobOf(builder);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(metadata);
        return builder.WithAnnotation(
            new ScaleRuleAnnotation(name, type, metadata.Texts(), access) { References = metadata.References(name) });
    }

    private static ScaleRuleMetadata Metadata(IReadOnlyDictionary<string, string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts, "metadata");
        var metadata = new ScaleRuleMetadata();
        foreach (var (name, value) in texts)
        {
            metadata.Add(name, value);
        }

        return metadata;
    }

    private static IResourceBuilder<T> Replace<T>(IResourceBuilder<T> builder, ScalerAccess access)
        where T : IComputeResource
    {
        EventJobExtensions.EventJobOf(builder);
        EventJobAccess.Replace(builder, access);
        return builder;
    }
}
