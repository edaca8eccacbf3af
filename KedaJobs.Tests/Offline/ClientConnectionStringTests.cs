using Azure.Core;
using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Transport;

namespace KedaJobs.Tests.Offline;

public sealed class ClientConnectionStringTests
{
    private const string Local = "Endpoint=sb://localhost:5672;SharedAccessKeyName=root;SharedAccessKey=a+b/c=;UseDevelopmentEmulator=true;";

    [Fact]
    public void Every_part_is_read()
    {
        var properties = ServiceBusConnectionStringProperties.Parse(Local + "EntityPath=jobs");

        Assert.Equal("localhost", properties.FullyQualifiedNamespace);
        Assert.Equal(5672, properties.Endpoint.Port);
        Assert.Equal("root", properties.SharedAccessKeyName);
        Assert.Equal("a+b/c=", properties.SharedAccessKey);
        Assert.Equal("jobs", properties.EntityPath);
        Assert.Null(properties.SharedAccessSignature);
    }

    [Theory]
    [InlineData("endpoint = sb://ns.servicebus.windows.net/ ; sharedaccesskeyname=k;SHAREDACCESSKEY=v", "ns.servicebus.windows.net")]
    [InlineData("Endpoint=https://ns.servicebus.windows.net:443/;SharedAccessSignature=SharedAccessSignature sr=x&sig=y&se=1&skn=z", "ns.servicebus.windows.net")]
    [InlineData("Endpoint=ns.servicebus.windows.net;SharedAccessKeyName=k;SharedAccessKey=v", "ns.servicebus.windows.net")]
    public void Names_of_parts_ignore_case_and_the_scheme_does_not_matter(string text, string host) =>
        Assert.Equal(host, ServiceBusConnectionStringProperties.Parse(text).FullyQualifiedNamespace);

    [Theory]
    [InlineData("Endpoint")]
    [InlineData("Endpoint=")]
    [InlineData("Endpoint=sb://localhost;SharedAccessKey=;SharedAccessKeyName=x")]
    [InlineData("Endpoint=sb://;SharedAccessKeyName=k;SharedAccessKey=v")]
    public void Malformed_text_is_refused(string text) =>
        Assert.Throws<FormatException>(() => ServiceBusConnectionStringProperties.Parse(text));

    [Theory]
    [InlineData("Endpoint=sb://localhost")]
    [InlineData("Endpoint=sb://localhost;SharedAccessKeyName=k")]
    [InlineData("SharedAccessKeyName=k;SharedAccessKey=v")]
    [InlineData("Endpoint=sb://localhost;SharedAccessKeyName=k;SharedAccessKey=v;SharedAccessSignature=s")]
    public void A_client_needs_an_endpoint_and_one_kind_of_credential(string text) =>
        Assert.Throws<ArgumentException>(() => new ServiceBusClient(text));

    [Fact]
    public async Task A_client_for_one_entity_makes_nothing_for_another()
    {
        await using var client = new ServiceBusClient(Local + "EntityPath=jobs");

        Assert.Equal("Jobs", client.CreateSender("Jobs").EntityPath);
        Assert.Throws<ArgumentException>(() => client.CreateSender("results"));
        Assert.Throws<ArgumentException>(() => client.CreateReceiver("results"));
        Assert.Throws<ArgumentException>(() => client.CreateProcessor("results"));
        await Assert.ThrowsAsync<ArgumentException>(() => client.AcceptNextSessionAsync("results"));
    }

    [Theory]
    [InlineData("Endpoint=sb://localhost;SharedAccessKeyName=k;SharedAccessKey=v;UseDevelopmentEmulator=true", 5672, "http://localhost:5300/")]
    [InlineData("Endpoint=sb://localhost:7777;SharedAccessKeyName=k;SharedAccessKey=v;UseDevelopmentEmulator=true", 7777, "http://localhost:7777/")]
    [InlineData("Endpoint=sb://ns.example.org/;SharedAccessKeyName=k;SharedAccessKey=v", 5671, "https://ns.example.org/")]
    public void The_emulator_speaks_plainly_and_on_the_port_of_the_endpoint(string text, int port, string management)
    {
        var endpoint = ServiceEndpoint.FromConnectionString(ServiceBusConnectionStringProperties.Parse(text));

        Assert.Equal(port, endpoint.AmqpEndpointPort);
        Assert.Equal(management, endpoint.Management.AbsoluteUri);
    }

    [Fact]
    public void Audience_keeps_the_port_and_the_signed_resource_does_not()
    {
        var endpoint = ServiceEndpoint.FromConnectionString(ServiceBusConnectionStringProperties.Parse(Local));

        Assert.Equal("sb://localhost:5672/Jobs", endpoint.AudienceOf("Jobs"));
        Assert.Equal("amqps://localhost/jobs", endpoint.SignedResourceOf("Jobs"));
        Assert.Equal("/a%20b/$DeadLetterQueue", LinkAddress.Of("a b/$DeadLetterQueue"));
    }

    [Fact]
    public async Task A_namespace_with_a_credential_is_enough()
    {
        await using var client = new ServiceBusClient("ns.servicebus.windows.net", new NoCredential());

        Assert.Equal("ns.servicebus.windows.net", client.FullyQualifiedNamespace);
        Assert.Equal(ServiceBusTransportType.AmqpTcp, client.TransportType);
        Assert.StartsWith("ns.servicebus.windows.net-", client.Identifier, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => new ServiceBusClient("ns.servicebus.windows.net", (TokenCredential)null!));
    }

    [Fact]
    public void Web_sockets_are_refused_and_not_ignored() => Assert.Throws<NotSupportedException>(
        () => new ServiceBusClient(Local, new ServiceBusClientOptions { TransportType = ServiceBusTransportType.AmqpWebSockets }));

    private sealed class NoCredential : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("No token was expected to be asked for.");

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("No token was expected to be asked for.");
    }
}
