namespace KedaJobs.Jobs;

/// <summary>
/// The configuration of a queue job is invalid. The message says what is wrong and what to write
/// instead; no stack trace is needed to fix it.
/// </summary>
/// <param name="message">What is wrong.</param>
/// <param name="innerException">The cause, if it is an exception.</param>
public sealed class QueueJobConfigurationException(string message, Exception? innerException = null) : Exception(message, innerException);
