using KedaJobs.Hosting;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting;

public class PublicSurfaceTests
{
    /// <summary>
    /// A change here is a change for users: look at it, then write it down by running this test with KEDAJOBS_ACCEPT=1 in the environment.
    /// </summary>
    [Fact]
    public void PublicSurface_IsTheReviewedOne()
    {
        var file = Path.Combine(Repository.Root, "KedaJobs.Tests", "Snapshots", "KedaJobs.Hosting.PublicSurface.txt");
        var surface = PublicSurface.Of(typeof(EventJobOptions).Assembly);
        if (Environment.GetEnvironmentVariable("KEDAJOBS_ACCEPT") == "1")
        {
            File.WriteAllText(file, surface);
        }

        Assert.Equal(File.ReadAllText(file), surface);
    }
}
