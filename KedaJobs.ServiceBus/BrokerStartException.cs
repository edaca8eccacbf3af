using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.ServiceBus;

/// <summary>The broker cannot start; the message says why and what to change.</summary>
public sealed class BrokerStartException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Why, and what to change.</param>
    /// <param name="innerException">The cause, if it is an exception.</param>
    public BrokerStartException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    internal BrokerStartException(IReadOnlyList<MissingTarget> missingTargets)
        : base(string.Join(
            Environment.NewLine,
            missingTargets.Select(missing => $"'{missing.Entity}': {missing.Problem} Declare it, or correct the name.")))
    {
        MissingTargets = missingTargets;
    }

    /// <summary>What declared entities forward to that there is not, if that is why.</summary>
    internal IReadOnlyList<MissingTarget> MissingTargets { get; } = [];
}
