namespace Aspire.Hosting.Testing;

public interface IDistributedApplicationTestingBuilder : IDistributedApplicationBuilder, IAsyncDisposable, IDisposable
{
    /// <summary>Builds the application; the entry point goes on, and waits in Run until the application is started.</summary>
    Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default);
}
