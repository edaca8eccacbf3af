using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

public interface IResource
{
    string Name { get; }

    ResourceAnnotationCollection Annotations { get; }
}

public interface IResourceAnnotation;

public sealed class ResourceAnnotationCollection : Collection<IResourceAnnotation>;

public enum ResourceAnnotationMutationBehavior
{
    Append = 0,
    Replace = 1,
}

public interface IResourceCollection : IList<IResource>
{
    bool TryGetByName(string name, [NotNullWhen(true)] out IResource? resource)
    {
        resource = this.FirstOrDefault(r => string.Equals(r.Name, name, StringComparison.OrdinalIgnoreCase));
        return resource is not null;
    }
}

public abstract class Resource : IResource
{
    protected Resource(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
    }

    public virtual string Name { get; }

    public virtual ResourceAnnotationCollection Annotations { get; } = [];

    public override string ToString() => $"{GetType().Name}, Name = {Name}";
}

public interface IResourceBuilder<out T> where T : IResource
{
    IDistributedApplicationBuilder ApplicationBuilder { get; }

    T Resource { get; }

    IResourceBuilder<T> WithAnnotation<TAnnotation>(ResourceAnnotationMutationBehavior behavior = ResourceAnnotationMutationBehavior.Append)
        where TAnnotation : IResourceAnnotation, new() => WithAnnotation(new TAnnotation(), behavior);

    IResourceBuilder<T> WithAnnotation<TAnnotation>(TAnnotation annotation, ResourceAnnotationMutationBehavior behavior = ResourceAnnotationMutationBehavior.Append)
        where TAnnotation : IResourceAnnotation;
}
