using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace KedaJobs.Tests.Hosting.Local.Fakes;

/// <summary>The management API of a namespace that has one entity, with the counts that the test says.</summary>
internal sealed class FakeManagementApi : IAsyncDisposable
{
    private readonly WebApplication _server;

    private FakeManagementApi(WebApplication server) => _server = server;

    /// <summary>What was asked for, each as method and path, in order.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    /// <summary>The document that answers everything.</summary>
    public string Answer { get; set; } = "";

    /// <summary>A connection string of the namespace, with a key that nobody checks.</summary>
    public string ConnectionString =>
        $"Endpoint=sb://localhost:{new Uri(_server.Urls.Single()).Port};"
        + "SharedAccessKeyName=Root;SharedAccessKey=key;UseDevelopmentEmulator=true";

    public static async Task<FakeManagementApi> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        var api = new FakeManagementApi(server);
        server.Run(context =>
        {
            api.Asked.Enqueue($"{context.Request.Method} {context.Request.Path}");
            return context.Response.WriteAsync(api.Answer);
        });
        await server.StartAsync();
        return api;
    }

    public void AnswerWith(string description, int active, int dead) => Answer =
        $"""
        <entry xmlns="http://www.w3.org/2005/Atom">
          <title type="text">mail</title>
          <content type="application/xml">
            <{description} xmlns="http://schemas.microsoft.com/netservices/2010/10/servicebus/connect">
              <MessageCount>{active + dead}</MessageCount>
              <CountDetails xmlns:d="http://schemas.microsoft.com/netservices/2011/06/servicebus">
                <d:ActiveMessageCount>{active}</d:ActiveMessageCount>
                <d:DeadLetterMessageCount>{dead}</d:DeadLetterMessageCount>
              </CountDetails>
            </{description}>
          </content>
        </entry>
        """;

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
