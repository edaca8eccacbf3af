namespace KedaJobs.ServiceBus;

/// <summary>The broker cannot start; the message says why and what to change.</summary>
public sealed class BrokerStartException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Why, and what to change.</param>
    /// <param name="innerException">What was found, if it was an exception.</param>
    public BrokerStartException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
