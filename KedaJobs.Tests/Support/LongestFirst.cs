using KedaJobs.Tests.EndToEnd;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("KedaJobs.Tests.Support.LongestFirst", "KedaJobs.Tests")]

namespace KedaJobs.Tests.Support;

/// <summary>
/// The tests that share an AppHost run one after the other, which takes longer than any other collection: they begin first, beside all
/// others, so that the suite doesn't wait for them in the end.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => collection.DisplayName == AppHostCollection.Name ? 0 : 1);
}
