namespace KedaJobs.Scaling.Executions;

/// <summary>Names of executions as Container Apps makes them: the job's name, '-', 7 lowercase letters or digits.</summary>
public static class ExecutionName
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
    private const int SuffixLength = 7;

    /// <summary>Makes a name.</summary>
    /// <param name="jobName">The job's name.</param>
    /// <param name="random">Where the suffix comes from.</param>
    /// <returns>For instance <c>worker-a1b2c3d</c>.</returns>
    public static string Create(string jobName, Random random)
    {
        ArgumentException.ThrowIfNullOrEmpty(jobName);
        ArgumentNullException.ThrowIfNull(random);
        return $"{jobName}-{random.GetString(Alphabet, SuffixLength)}";
    }
}
