using KedaJobs.Hosting;
using KedaJobs.Hosting.Broker;
using Microsoft.Extensions.Configuration;

namespace KedaJobs.Tests.Hosting.Broker;

public class BrokerSettingsTests
{
    [Fact]
    public void Nothing_is_any_port_in_memory() => Assert.Equal(new(0, null), Read(0));

    [Fact]
    public void Setting_goes_before_the_declaration()
    {
        Assert.Equal(5672, Read(5672).Port);
        Assert.Equal(5673, Read(5672, ("KedaJobs:BrokerPort", "5673")).Port);
    }

    [Theory]
    [InlineData("/data", "/data")]
    [InlineData("data", "/apphost/data")]
    [InlineData("../data", "/data")]
    [InlineData("", null)]
    public void Data_directory_is_relative_to_the_AppHost(string value, string? expected) =>
        Assert.Equal(expected, Read(0, ("KedaJobs:BrokerDataDirectory", value)).DataDirectory);

    [Theory]
    [InlineData("KedaJobs:BrokerPort", "65536", "KedaJobs:BrokerPort is '65536'. Write a port from 1 to 65535, or 0 for any free one.")]
    [InlineData("KedaJobs:BrokerPort", "amqp", "KedaJobs:BrokerPort is 'amqp'. Write a port from 1 to 65535, or 0 for any free one.")]
    public void Wrong_setting_is_named_with_its_cure(string key, string value, string expected)
    {
        var failure = Assert.Throws<JobDeclarationException>(() => Read(0, (key, value)));

        Assert.Equal(expected, failure.Message);
    }

    [Fact]
    public void A_second_management_port_and_TLS_are_off_unless_asked_for()
    {
        Assert.Equal((null, false), (Read(0).ManagementPort, Read(0).Tls));
        var asked = Read(0, ("KedaJobs:BrokerManagementPort", "5300"), ("KedaJobs:BrokerTls", "true"));
        Assert.Equal((5300, true), (asked.ManagementPort, asked.Tls));
        Assert.Contains(
            "BrokerManagementPort", Assert.Throws<JobDeclarationException>(() => Read(0, ("KedaJobs:BrokerManagementPort", "x"))).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "true or false", Assert.Throws<JobDeclarationException>(() => Read(0, ("KedaJobs:BrokerTls", "1"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Others_can_connect_only_when_that_is_asked_for_and_with_a_key_that_not_everybody_knows()
    {
        Assert.Null(Read(0).RemoteKey);
        Assert.Null(Read(0, ("KedaJobs:BrokerAcceptRemote", "false")).RemoteKey);
        Assert.Equal("own", Read(0, ("KedaJobs:BrokerAcceptRemote", "true"), ("KedaJobs:BrokerKey", "own")).RemoteKey);
        var made = Read(0, ("KedaJobs:BrokerAcceptRemote", "true")).RemoteKey!;
        Assert.Equal(32, Convert.FromBase64String(made).Length);
        Assert.NotEqual(made, Read(0, ("KedaJobs:BrokerAcceptRemote", "true")).RemoteKey);
    }

    [Theory]
    [InlineData("true", "SAS_KEY_VALUE", "well-known key")]
    [InlineData("true", "a;b", "';'")]
    [InlineData("false", "own", "Set KedaJobs:BrokerAcceptRemote=true, or remove the key.")]
    [InlineData("yes", "own", "KedaJobs:BrokerAcceptRemote is 'yes'. Write true or false.")]
    public void Wrong_remote_access_is_refused(string accept, string key, string expected) => Assert.Contains(
        expected,
        Assert.Throws<JobDeclarationException>(() => Read(0, ("KedaJobs:BrokerAcceptRemote", accept), ("KedaJobs:BrokerKey", key))).Message,
        StringComparison.Ordinal);

    private static BrokerSettings Read(int declaredPort, params (string Key, string Value)[] settings) => BrokerSettings.Read(
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
            .Build(),
        declaredPort,
        "/apphost");
}
