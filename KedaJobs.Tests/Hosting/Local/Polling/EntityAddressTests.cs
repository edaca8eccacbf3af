using KedaJobs.Hosting.Local.Polling;

namespace KedaJobs.Tests.Hosting.Local.Polling;

public class EntityAddressTests
{
    [Fact]
    public void Connection_string_of_an_emulator_loses_the_entity()
    {
        var address = EntityAddress.Parse(
            "jobs",
            "Endpoint=sb://localhost:5672;SharedAccessKeyName=Root;SharedAccessKey=a=b==;UseDevelopmentEmulator=true;;EntityPath=jobs");

        Assert.Equal(
            "Endpoint=sb://localhost:5672;SharedAccessKeyName=Root;SharedAccessKey=a=b==;UseDevelopmentEmulator=true",
            address.ConnectionString);
        Assert.Equal(address.ConnectionString, address.ManagementConnectionString);
        Assert.True(address.HasKey);
    }

    [Fact]
    public void Management_port_replaces_the_port_for_management_only()
    {
        var address = EntityAddress.Parse(
            "jobs", "Endpoint=sb://localhost:5672;SharedAccessKeyName=Root;SharedAccessKey=k;", managementPort: 5300);

        Assert.Equal("Endpoint=sb://localhost:5672;SharedAccessKeyName=Root;SharedAccessKey=k", address.ConnectionString);
        Assert.Equal("Endpoint=sb://localhost:5300/;SharedAccessKeyName=Root;SharedAccessKey=k", address.ManagementConnectionString);
    }

    [Fact]
    public void Endpoint_alone_means_the_developers_identity()
    {
        var address = EntityAddress.Parse("jobs", "Endpoint=https://mine.servicebus.windows.net:443/;EntityPath=jobs");

        Assert.Equal("mine.servicebus.windows.net", address.HostName);
        Assert.False(address.HasKey);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SharedAccessKeyName=Root;SharedAccessKey=SECRET")]
    [InlineData("Endpoint=nonsense;SharedAccessKey=SECRET")]
    public void No_endpoint_is_refused_without_telling_the_key(string connectionString)
    {
        var failure = Assert.Throws<InvalidOperationException>(() => EntityAddress.Parse("jobs", connectionString));

        Assert.Equal("The connection string of 'jobs' has no endpoint.", failure.Message);
    }
}
