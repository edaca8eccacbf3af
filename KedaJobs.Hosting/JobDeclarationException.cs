using Aspire.Hosting;

namespace KedaJobs.Hosting;

/// <summary>
/// A declaration in the AppHost is invalid: for example, a job is declared twice, a scale rule is on a resource that is not an event job,
/// or a configuration value cannot be read. The message says what is wrong and what to write instead.
/// <see cref="MisconfigurationException"/> reports what is found only when the model is complete.
/// </summary>
public sealed class JobDeclarationException : DistributedApplicationException
{
    internal JobDeclarationException(string message, Exception? innerException = null)
        : base(message, innerException!)
    {
    }
}
