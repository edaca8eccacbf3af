using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Azure;

/// <summary>Which Azure resources a compute resource refers to, by its environment and its arguments.</summary>
internal static class AzureReferences
{
    public static async Task<IReadOnlyList<AzureProvisioningResource>> FindAsync(IResource resource,
        DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken)
    {
        var configuration = await ResourceConfiguration.GatherAsync(resource, executionContext, cancellationToken).ConfigureAwait(false);
        return Walk([.. configuration.Environment.Values, .. configuration.Arguments]);
    }

    private static List<AzureProvisioningResource> Walk(IEnumerable<object> roots)
    {
        var found = new List<AzureProvisioningResource>();
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var waiting = new Queue<object>(roots);
        while (waiting.TryDequeue(out var value))
        {
            if (!seen.Add(value))
            {
                continue;
            }

            if (value is AzureProvisioningResource azure)
            {
                found.Add(azure);
            }
            else if (value is IResourceBuilder<IResource> builder)
            {
                waiting.Enqueue(builder.Resource);
            }
            else if (value is IValueWithReferences expression)
            {
                foreach (var reference in expression.References)
                {
                    waiting.Enqueue(reference);
                }
            }
        }

        return found;
    }
}
