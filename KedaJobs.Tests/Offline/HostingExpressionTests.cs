using Aspire.Hosting.ApplicationModel;

namespace KedaJobs.Tests.Offline;

public sealed class HostingExpressionTests
{
    [Fact]
    public async Task Expression_HasAValueAndAManifestForm()
    {
        var host = new ParameterResource("host", _ => "a b");
        var queue = "jobs";

        var expression = ReferenceExpression.Create($"sb://{host}/{queue}?x={{y}}&h={host:uri}");

        Assert.Equal("sb://a b/jobs?x={y}&h=a%20b", await expression.GetValueAsync(CancellationToken.None));
        Assert.Equal("sb://{host.value}/jobs?x={y}&h={host.value}", expression.ValueExpression);
        Assert.Equal(["{host.value}", "{host.value}"], expression.ManifestExpressions);
        Assert.Equal([host, host], expression.ValueProviders);
    }

    [Fact]
    public async Task Expressions_Nest()
    {
        var inner = ReferenceExpression.Create($"Endpoint={new ParameterResource("endpoint", _ => "sb://x")}");

        var outer = ReferenceExpression.Create($"{inner};EntityPath=jobs");

        Assert.Equal("Endpoint=sb://x;EntityPath=jobs", await outer.GetValueAsync(CancellationToken.None));
        Assert.Equal("Endpoint={endpoint.value};EntityPath=jobs", outer.ValueExpression);
    }

    [Fact]
    public async Task Builder_AppendsPieceByPiece()
    {
        var builder = new ReferenceExpressionBuilder();
        Assert.True(builder.IsEmpty);
        builder.AppendLiteral("{");
        builder.Append($"{new ParameterResource("p", _ => "1")}-{"two"}");
        builder.AppendFormatted(new ParameterResource("q", _ => "3"));

        Assert.Equal("{1-two3", await builder.Build().GetValueAsync(CancellationToken.None));
    }

    [Fact]
    public async Task EmptyExpression_HasNoValue() => Assert.Null(await ReferenceExpression.Empty.GetValueAsync(CancellationToken.None));

    [Fact]
    public async Task EndpointProperties_AreWaitedForAndPublished()
    {
        var owner = new ModelThing("thing");
        var endpoint = new EndpointAnnotation(System.Net.Sockets.ProtocolType.Tcp, uriScheme: "sb", name: "emulator");
        owner.Annotations.Add(endpoint);
        var reference = owner.GetEndpoint("emulator");
        Assert.Equal("{thing.bindings.emulator.port}", reference.Property(EndpointProperty.Port).ValueExpression);
        Assert.Throws<InvalidOperationException>(() => reference.Port);

        var url = reference.GetValueAsync().AsTask();
        Assert.False(url.IsCompleted);
        endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", 5672);

        Assert.Equal("sb://localhost:5672", await url);
        Assert.Equal("localhost:5672", await reference.Property(EndpointProperty.HostAndPort).GetValueAsync());
        Assert.Equal(5672, reference.Port);
    }

    [Fact]
    public void UnknownEndpoint_SaysWhichAndWhose()
    {
        var error = Assert.Throws<InvalidOperationException>(() => new ModelThing("thing").GetEndpoint("nope").Url);
        Assert.Equal("The endpoint `nope` is not defined for the resource `thing`.", error.Message);
    }
}
