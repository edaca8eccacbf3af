namespace KedaJobs.Scaling.Simulation;

/// <summary>Simulates a job in virtual time: no clock, no I/O, no thread.</summary>
/// <remarks>
/// KEDA's decisions are <see cref="Rules.ScaleRule"/>, the life of an execution is <see cref="Executions.ExecutionLifeCycle"/>: the code
/// that the local KEDA runs. Of Service Bus, only what a simulation needs is simulated, by the rules of KedaJobs.ServiceBus
/// (<c>Entities/SubQueue.Settlement.cs</c>, <c>AvailableMessages.cs</c>): the oldest message first, also after it came back; an abandoned
/// or lapsed lock counts a delivery; at the maximum the message is dead-lettered; a locked message counts as active. Of several receivers
/// that wait, the one that waited longest gets the message. Messages that wait for their first delivery take no memory: the arrivals are
/// walked twice, once as they come and once as they are taken.
/// </remarks>
public static class JobSimulation
{
    /// <summary>Runs a simulation from the first arrival until nothing is left to do.</summary>
    /// <param name="input">What is simulated.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>What happened.</returns>
    /// <exception cref="ArgumentException">A value of the input is out of its range.</exception>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public static SimulationResult Run(SimulationInput input, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        input.Validate();
        return new SimulationRun(input).Run(cancellationToken);
    }
}
