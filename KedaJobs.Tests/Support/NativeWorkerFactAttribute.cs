namespace KedaJobs.Tests.Support;

/// <summary>
/// A test of the worker as native code. Publish it (<c>dotnet publish KedaJobs.Worker -c Release -o DIR</c>) and
/// name the program in KEDAJOBS_TEST_WORKER.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NativeWorkerFactAttribute : FactAttribute
{
    public NativeWorkerFactAttribute()
    {
        if (Program is null)
        {
            Skip = "skipped: KEDAJOBS_TEST_WORKER names no published worker";
        }
    }

    public static string? Program => Environment.GetEnvironmentVariable("KEDAJOBS_TEST_WORKER");
}
