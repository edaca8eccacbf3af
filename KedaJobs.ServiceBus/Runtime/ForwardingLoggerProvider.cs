namespace KedaJobs.ServiceBus.Runtime;

/// <summary>Passes what the web server logs on to loggers that belong to somebody else and outlive it.</summary>
internal sealed class ForwardingLoggerProvider(ILoggerFactory loggers) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => loggers.CreateLogger(categoryName);

    public void Dispose()
    {
    }
}
