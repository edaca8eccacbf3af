using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Hosting;
using KedaJobs.Hosting.Publishing;

namespace Aspire.Hosting;

/// <summary>What an event job's scale rules are in Azure, beyond what <c>AsEventJob</c> gives by itself.</summary>
public static class ScaleRuleExtensions
{
    /// <summary>Adds a scale rule for any KEDA scaler. KEDA starts executions for whichever rule wants most.</summary>
    /// <remarks>
    /// In Azure only: the local KEDA evaluates the job's own trigger and nothing else. Values of <paramref name="metadata"/> are strings, as KEDA
    /// wants them; of <c>azure-servicebus</c> they are checked (KJ020), of other scalers passed on.
    /// </remarks>
    /// <param name="builder">The event job's worker.</param>
    /// <param name="name">The rule's name, unique in the job.</param>
    /// <param name="type">The KEDA scaler, for instance <c>azure-queue</c> or <c>cron</c>.</param>
    /// <param name="metadata">The scaler's metadata.</param>
    /// <param name="identity">What the rule signs in with; give it the roles that the scaler needs.</param>
    /// <returns>The worker's builder.</returns>
    /// <exception cref="ArgumentNullException">An argument other than <paramref name="identity"/> is null.</exception>
    /// <exception cref="InvalidOperationException">The project is not an event job.</exception>
    public static IResourceBuilder<ProjectResource> WithScaleRule(
        this IResourceBuilder<ProjectResource> builder,
        string name,
        string type,
        IReadOnlyDictionary<string, string> metadata,
        IResourceBuilder<AzureUserAssignedIdentityResource>? identity = null) =>
        Add(builder, name, type, metadata, identity is null ? null : new ScalerAccess.WithIdentity(identity.Resource));

    /// <summary>Adds a scale rule for any KEDA scaler that signs in with a secret.</summary>
    /// <inheritdoc cref="WithScaleRule(IResourceBuilder{ProjectResource}, string, string, IReadOnlyDictionary{string, string}, IResourceBuilder{AzureUserAssignedIdentityResource})"/>
    /// <param name="builder">The event job's worker.</param>
    /// <param name="name">The rule's name, unique in the job.</param>
    /// <param name="type">The KEDA scaler.</param>
    /// <param name="metadata">The scaler's metadata, without anything secret.</param>
    /// <param name="secret">A secret parameter of the AppHost.</param>
    /// <param name="triggerParameter">The scaler's parameter that takes it, for instance <c>connection</c>.</param>
    public static IResourceBuilder<ProjectResource> WithScaleRule(
        this IResourceBuilder<ProjectResource> builder,
        string name,
        string type,
        IReadOnlyDictionary<string, string> metadata,
        IResourceBuilder<ParameterResource> secret,
        string triggerParameter)
    {
        ArgumentNullException.ThrowIfNull(secret);
        ArgumentException.ThrowIfNullOrEmpty(triggerParameter);
        return Add(builder, name, type, metadata, new ScalerAccess.WithSecret(secret.Resource, triggerParameter));
    }

    /// <summary>
    /// Lets the job's own rule sign in with an identity of yours instead of the one that <c>AsEventJob</c> makes. It needs Azure Service Bus Data Owner
    /// on the namespace: reading an entity's counts takes the Manage claim.
    /// </summary>
    /// <param name="builder">The event job's worker.</param>
    /// <param name="identity">The identity.</param>
    /// <returns>The worker's builder.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="InvalidOperationException">The project is not an event job.</exception>
    public static IResourceBuilder<ProjectResource> WithScalerIdentity(
        this IResourceBuilder<ProjectResource> builder, IResourceBuilder<AzureUserAssignedIdentityResource> identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        return Replace(builder, new ScalerAccess.WithIdentity(identity.Resource));
    }

    /// <summary>
    /// Lets the job's own rule sign in with a connection string, for a namespace whose local authentication is on. It becomes a secret of the job; prefer
    /// an identity.
    /// </summary>
    /// <param name="builder">The event job's worker.</param>
    /// <param name="connectionString">A secret parameter with a connection string that has the Manage claim.</param>
    /// <returns>The worker's builder.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="InvalidOperationException">The project is not an event job.</exception>
    public static IResourceBuilder<ProjectResource> WithScalerConnection(
        this IResourceBuilder<ProjectResource> builder, IResourceBuilder<ParameterResource> connectionString)
    {
        ArgumentNullException.ThrowIfNull(connectionString);
        return Replace(builder, new ScalerAccess.WithSecret(connectionString.Resource, "connection"));
    }

    private static IResourceBuilder<ProjectResource> Add(
        IResourceBuilder<ProjectResource> builder, string name, string type, IReadOnlyDictionary<string, string> metadata, ScalerAccess? access)
    {
        RequireEventJob(builder);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(metadata);
        return builder.WithAnnotation(new ScaleRuleAnnotation(name, type, new Dictionary<string, string>(metadata), access));
    }

    private static IResourceBuilder<ProjectResource> Replace(IResourceBuilder<ProjectResource> builder, ScalerAccess access)
    {
        RequireEventJob(builder);
        EventJobPublisher.Replace(builder, access);
        return builder;
    }

    private static void RequireEventJob(IResourceBuilder<ProjectResource> builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!builder.Resource.HasAnnotationOfType<EventJobAnnotation>())
        {
            throw new InvalidOperationException($"'{builder.Resource.Name}' is not an event job. Call AsEventJob first.");
        }
    }
}
