namespace KedaJobs.Tests.EndToEnd;

/// <summary>
/// Tests that run when all others have ended: they look at what an AppHost does on a machine that has time for it. Beside a whole suite its
/// first poll can take longer than KEDA's client waits, which it says on its console.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
