using Aspire.Hosting;

namespace KedaJobs.Hosting;

/// <summary>
/// Something in the AppHost cannot be declared like that: a job declared twice, a scale rule on a resource that is not an event job, a
/// value of the configuration that cannot be read. The message says what is wrong and what to write instead.
/// <see cref="MisconfigurationException"/> reports what is found only when the model is complete.
/// </summary>
public sealed class JobDeclarationException : DistributedApplicationException
{
    internal JobDeclarationException(string message, Exception? innerException = null)
        : base(message, innerException!)
    {
    }
}
