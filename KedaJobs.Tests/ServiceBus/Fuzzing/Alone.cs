namespace KedaJobs.Tests.ServiceBus.Fuzzing;

/// <summary>Tests that look at the memory of the whole process: nothing else runs meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "measures memory";
}
