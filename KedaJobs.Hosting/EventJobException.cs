using Aspire.Hosting;

namespace KedaJobs.Hosting;

/// <summary>An event job cannot do what it is asked for. The message says why and what to do.</summary>
public class EventJobException : DistributedApplicationException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Why, and what to do.</param>
    public EventJobException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Why, and what to do.</param>
    /// <param name="innerException">What led to it.</param>
    public EventJobException(string message, Exception? innerException)
        : base(message, innerException!)
    {
    }
}
