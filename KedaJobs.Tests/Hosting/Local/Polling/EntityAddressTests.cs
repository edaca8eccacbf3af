using KedaJobs.Hosting.Local.Polling;

namespace KedaJobs.Tests.Hosting.Local.Polling;

public class EntityAddressTests
{
    [Fact]
    public void ConnectionStringOfAnEmulator_LosesTheEntity()
    {
        var address = EntityAddress.Parse(
            "jobs", "Endpoint=sb://localhost:5672;SharedAccessKeyName=Root;SharedAccessKey=a=b==;UseDevelopmentEmulator=true;;EntityPath=jobs");

        Assert.Equal("Endpoint=sb://localhost:5672;SharedAccessKeyName=Root;SharedAccessKey=a=b==;UseDevelopmentEmulator=true", address.ConnectionString);
        Assert.Equal(address.ConnectionString, address.ManagementConnectionString);
        Assert.True(address.HasKey);
    }

    [Fact]
    public void ManagementPort_ReplacesThePortForManagementOnly()
    {
        var address = EntityAddress.Parse("jobs", "Endpoint=sb://localhost:5672;SharedAccessKeyName=Root;SharedAccessKey=k;", managementPort: 5300);

        Assert.Equal("Endpoint=sb://localhost:5672;SharedAccessKeyName=Root;SharedAccessKey=k", address.ConnectionString);
        Assert.Equal("Endpoint=sb://localhost:5300/;SharedAccessKeyName=Root;SharedAccessKey=k", address.ManagementConnectionString);
    }

    [Fact]
    public void EndpointAlone_MeansTheDevelopersIdentity()
    {
        var address = EntityAddress.Parse("jobs", "Endpoint=https://mine.servicebus.windows.net:443/;EntityPath=jobs");

        Assert.Equal("mine.servicebus.windows.net", address.HostName);
        Assert.False(address.HasKey);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SharedAccessKeyName=Root;SharedAccessKey=SECRET")]
    [InlineData("Endpoint=nonsense;SharedAccessKey=SECRET")]
    public void NoEndpoint_IsRefusedWithoutTellingTheKey(string connectionString)
    {
        var failure = Assert.Throws<InvalidOperationException>(() => EntityAddress.Parse("jobs", connectionString));

        Assert.Equal("The connection string of 'jobs' has no endpoint.", failure.Message);
    }
}
