using System.Text.Json.Nodes;
using Aspire.Hosting;

namespace KedaJobs.Tests.Support;

/// <summary>An AppHost that is published once for the tests of a class, and compiled once if one of them asks.</summary>
public abstract class PublishFixture : IAsyncLifetime
{
    private Published? _published;
    private IReadOnlyDictionary<string, JsonObject>? _templates;

    internal Published Published => _published!;

    public async Task InitializeAsync() => _published = await Published.FromAsync(DeclareAll);

    public Task DisposeAsync()
    {
        _published?.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>The ARM templates that the real compiler makes of the modules, by the module's file name without ".bicep".</summary>
    public async Task<IReadOnlyDictionary<string, JsonObject>> TemplatesAsync() =>
        _templates ??= await BicepCompiler.CompileAsync(Published.Folder);

    /// <summary>The only resource of an application's module, compiled.</summary>
    public async Task<JsonObject> ResourceAsync(string application) =>
        Assert.Single(ArmJson.Resources((await TemplatesAsync())[$"{application}-containerapp.module"]));

    protected abstract void DeclareAll(IDistributedApplicationBuilder builder);
}
