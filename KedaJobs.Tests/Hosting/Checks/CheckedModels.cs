using KedaJobs.Hosting;
using KedaJobs.Hosting.Checks;

namespace KedaJobs.Tests.Hosting.Checks;

/// <summary>Sound declarations as values, which tests change and check.</summary>
internal static class CheckedModels
{
    public static CheckedNamespace Namespace(params CheckedEntity[] entities) => new("messaging") { Entities = entities };

    public static IReadOnlyList<CheckFinding> Run(CheckedNamespace bus) => ModelChecks.Run(new([]) { Namespaces = [bus] });

    public static CheckedQueue Queue => new("messaging", "jobs");

    public static CheckedSubscription Subscription => new("messaging", "news/Subscriptions/all", "news", "all");

    public static CheckedJob Job(EventJobOptions? options = null) =>
        new("worker", options ?? new()) { UsesJobLibrary = true, Triggers = [Queue], References = [new("messaging", "jobs")] };

    public static CheckedScaleRule Rule(params (string Key, string Value)[] changes)
    {
        var metadata = new Dictionary<string, string> { ["queueName"] = "jobs", ["namespace"] = "ns", ["messageCount"] = "5" };
        foreach (var (key, value) in changes)
        {
            metadata[key] = value;
        }

        return new("more", "azure-servicebus", metadata) { HasIdentity = true };
    }

    public static IReadOnlyList<CheckFinding> Run(CheckedJob job) => ModelChecks.Run(new([job]));

    public static void AssertAnyOrNone(string? expected, IReadOnlyList<CheckFinding> findings)
    {
        if (expected is null)
        {
            Assert.Empty(findings);
        }
        else
        {
            AssertOnly(expected, findings);
        }
    }

    public static void AssertOnly(string expected, IReadOnlyList<CheckFinding> findings)
    {
        var finding = Assert.Single(findings);
        Assert.StartsWith(expected, finding.ToString(), StringComparison.Ordinal);
        Assert.NotEqual("", finding.Cure);
    }
}
