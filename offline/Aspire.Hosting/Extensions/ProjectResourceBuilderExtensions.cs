using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Projects;

namespace Aspire.Hosting;

public static class ProjectResourceBuilderExtensions
{
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name) where TProject : IProjectMetadata, new() =>
        builder.AddProject<TProject>(name, _ => { });

    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name, string? launchProfileName)
        where TProject : IProjectMetadata, new() => builder.AddProject<TProject>(name, options => Choose(options, launchProfileName));

    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name, Action<ProjectResourceOptions> configure)
        where TProject : IProjectMetadata, new() => builder.AddProject(name, new TProject(), configure);

    public static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, string name, string projectPath) =>
        builder.AddProject(name, projectPath, _ => { });

    public static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, string name, string projectPath, string? launchProfileName) =>
        builder.AddProject(name, projectPath, options => Choose(options, launchProfileName));

    public static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, string name, string projectPath, Action<ProjectResourceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(projectPath);
        var path = Path.GetFullPath(Path.Combine(builder.AppHostDirectory, projectPath.Replace('\\', Path.DirectorySeparatorChar)));
        return builder.AddProject(name, new ProjectMetadata(path), configure);
    }

    /// <summary>Several processes behind one address.</summary>
    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ReplicaAnnotation(replicas), ResourceAnnotationMutationBehavior.Replace);
    }

    public static IResourceBuilder<ProjectResource> DisableForwardedHeaders(this IResourceBuilder<ProjectResource> builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new DisableForwardedHeadersAnnotation(), ResourceAnnotationMutationBehavior.Replace);
    }

    public static IResourceBuilder<ProjectResource> WithEndpointsInEnvironment(this IResourceBuilder<ProjectResource> builder, Func<EndpointAnnotation, bool> filter)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(filter);
        builder.Resource.EndpointInEnvironment = filter;
        return builder;
    }

    private static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, string name, IProjectMetadata metadata, Action<ProjectResourceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new ProjectResourceOptions();
        configure(options);
        return builder.AddResource(new ProjectResource(name)).WithAnnotation(metadata).WithProjectDefaults(options);
    }

    /// <summary>Null means "no launch profile at all", as in the one-argument overload of the real package.</summary>
    private static void Choose(ProjectResourceOptions options, string? launchProfileName)
    {
        options.ExcludeLaunchProfile = launchProfileName is null;
        options.LaunchProfileName = launchProfileName;
    }
}
