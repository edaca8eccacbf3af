namespace KedaJobs.Jobs;

/// <summary>
/// The configuration of a queue job cannot work. The message says what is wrong and what to write
/// instead; no stack trace is needed to fix it.
/// </summary>
/// <param name="message">What is wrong.</param>
/// <param name="innerException">The exception that says so, if there is one.</param>
public sealed class QueueJobConfigurationException(string message, Exception? innerException = null) : Exception(message, innerException);
