using KedaJobs.Hosting;
using KedaJobs.Hosting.Broker;

namespace KedaJobs.Tests.Hosting.Broker;

public class NamespaceAddressTests
{
    [Theory]
    [InlineData("mine.servicebus.windows.net", "sb://mine.servicebus.windows.net")]
    [InlineData("https://mine.servicebus.windows.net:443/", "https://mine.servicebus.windows.net:443/")]
    [InlineData("Endpoint=sb://mine.servicebus.windows.net/;EntityPath=jobs", "sb://mine.servicebus.windows.net/")]
    [InlineData(
        "SharedAccessKeyName=Root;SharedAccessKey=a=b==;Endpoint=sb://mine.servicebus.windows.net/;EntityPath=jobs",
        "sb://mine.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=a=b==")]
    public void Address_IsWhatFollowsEndpoint(string connectionString, string expected) =>
        Assert.Equal(new("mine.servicebus.windows.net", expected), NamespaceAddress.Parse(connectionString));

    [Theory]
    [InlineData("SharedAccessKeyName=Root;SharedAccessKey=SECRET")]
    [InlineData("")]
    public void No_host_is_refused_without_telling_the_key(string connectionString)
    {
        var failure = Assert.Throws<JobDeclarationException>(() => NamespaceAddress.Parse(connectionString));

        Assert.DoesNotContain("SECRET", failure.Message, StringComparison.Ordinal);
    }
}
