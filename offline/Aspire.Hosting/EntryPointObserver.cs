using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>
/// Watches, for the testing builder, an AppHost's entry point make its builder and application. Set per flow of control, so that tests that run
/// side by side do not see each other's.
/// </summary>
internal abstract class EntryPointObserver
{
    private static readonly AsyncLocal<EntryPointObserver?> CurrentObserver = new();

    /// <summary>The observer of this flow of control. It sees one builder: whoever takes it leaves none behind.</summary>
    public static void Observe(EntryPointObserver observer) => CurrentObserver.Value = observer;

    /// <inheritdoc cref="Observe"/>
    public static EntryPointObserver? Take()
    {
        var observer = CurrentObserver.Value;
        CurrentObserver.Value = null;
        return observer;
    }

    /// <summary>Before the builder reads its options; may change them.</summary>
    public abstract void OnConstructing(DistributedApplicationOptions options, HostApplicationBuilderSettings settings);

    /// <summary>The entry point has called Build; it goes on when this returns.</summary>
    public abstract void OnBuilding(DistributedApplicationBuilder builder);

    /// <summary>Returns the application that the entry point gets.</summary>
    public abstract DistributedApplication OnBuilt(DistributedApplication application);
}
