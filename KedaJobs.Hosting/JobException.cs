using Aspire.Hosting;

namespace KedaJobs.Hosting;

/// <summary>A job cannot do what was requested. The message says why and what to do.</summary>
public class JobException : DistributedApplicationException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Why, and what to do.</param>
    public JobException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Why, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public JobException(string message, Exception? innerException)
        : base(message, innerException!)
    {
    }
}
