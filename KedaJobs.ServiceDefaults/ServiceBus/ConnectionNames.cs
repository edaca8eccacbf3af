namespace KedaJobs.ServiceDefaults;

/// <summary>The connections that the AppHost gives to producer and worker.</summary>
public static class ConnectionNames
{
    /// <summary>The queue that work comes in on.</summary>
    public const string Jobs = "jobs";

    /// <summary>The queue that results go out on.</summary>
    public const string Results = "results";
}
