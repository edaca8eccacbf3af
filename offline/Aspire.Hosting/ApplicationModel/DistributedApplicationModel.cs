using System.Collections.ObjectModel;

namespace Aspire.Hosting.ApplicationModel;

public class DistributedApplicationModel
{
    public DistributedApplicationModel(IResourceCollection resources)
    {
        ArgumentNullException.ThrowIfNull(resources);
        Resources = resources;
    }

    public DistributedApplicationModel(IEnumerable<IResource> resources)
    {
        ArgumentNullException.ThrowIfNull(resources);
        Resources = new ResourceCollection(resources);
    }

    public IResourceCollection Resources { get; }
}

internal sealed class ResourceCollection(IEnumerable<IResource> resources) : Collection<IResource>([.. resources]), IResourceCollection;

public static class DistributedApplicationModelExtensions
{
    /// <summary>The resources that a compute environment may run: projects, executables that publish, containers; nothing excluded from the manifest.</summary>
    public static IEnumerable<IResource> GetComputeResources(this DistributedApplicationModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Resources.Where(r => !r.IsExcludedFromPublish() && !r.IsEmulator() && (r is ProjectResource || r is ContainerResource || r.IsContainer()));
    }
}

public static class ProjectResourceExtensions
{
    public static IEnumerable<ProjectResource> GetProjectResources(this DistributedApplicationModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Resources.OfType<ProjectResource>();
    }

    public static IProjectMetadata GetProjectMetadata(this ProjectResource projectResource)
    {
        ArgumentNullException.ThrowIfNull(projectResource);
        return projectResource.Annotations.OfType<IProjectMetadata>().Single();
    }
}
