namespace Aspire.Hosting;

public enum DistributedApplicationOperation
{
    Run = 0,
    Publish = 1,
}

public class DistributedApplicationExecutionContextOptions
{
    public DistributedApplicationExecutionContextOptions(DistributedApplicationOperation operation) => Operation = operation;

    public DistributedApplicationExecutionContextOptions(DistributedApplicationOperation operation, string publisherName) : this(operation) =>
        PublisherName = publisherName;

    public DistributedApplicationOperation Operation { get; }

    public string? PublisherName { get; }

    public IServiceProvider? ServiceProvider { get; set; }
}

public class DistributedApplicationExecutionContext
{
    private readonly DistributedApplicationExecutionContextOptions? _options;

    public DistributedApplicationExecutionContext(DistributedApplicationOperation operation) : this(operation, "manifest")
    {
    }

    public DistributedApplicationExecutionContext(DistributedApplicationOperation operation, string publisherName)
    {
        Operation = operation;
        PublisherName = publisherName;
    }

    public DistributedApplicationExecutionContext(DistributedApplicationExecutionContextOptions options)
        : this((options ?? throw new ArgumentNullException(nameof(options))).Operation, options.PublisherName ?? "manifest") => _options = options;

    public DistributedApplicationOperation Operation { get; }

    public string PublisherName { get; set; }

    public bool IsPublishMode => Operation == DistributedApplicationOperation.Publish;

    public bool IsRunMode => Operation == DistributedApplicationOperation.Run;

    /// <exception cref="InvalidOperationException">The application is not built yet.</exception>
    public IServiceProvider ServiceProvider => _options?.ServiceProvider ??
        throw new InvalidOperationException("IServiceProvider is not available until the application has been built.");
}
