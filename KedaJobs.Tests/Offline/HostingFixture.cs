using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Lifecycle;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Tests.Offline;

/// <summary>An application built in the test itself, without dashboard, in a folder of its own.</summary>
internal sealed class HostingFixture : IAsyncDisposable
{
    private DistributedApplication? _application;

    public HostingFixture(params string[] args)
    {
        Folder = Directory.CreateTempSubdirectory("kedajobs-hosting-").FullName;
        Builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, DisableDashboard = true, ProjectDirectory = Folder });
        Builder.Configuration["DcpPublisher:RandomizePorts"] = "true";
        Builder.Services.AddLogging(logging => logging.ClearProviders());
    }

    public string Folder { get; }

    public IDistributedApplicationBuilder Builder { get; }

    public DistributedApplication Application => _application ??= Builder.Build();

    public ResourceNotificationService Notifications => Application.ResourceNotifications;

    public ResourceLoggerService Logs => Application.Services.GetRequiredService<ResourceLoggerService>();

    public async Task StartAsync() => await Application.StartAsync().WaitAsync(Eventually.DefaultDeadline);

    /// <summary>Starts without waiting for the start to end, for applications that wait for something themselves.</summary>
    public Task BeginStart() => Application.StartAsync();

    public async Task StopAsync() => await Application.StopAsync().WaitAsync(Eventually.DefaultDeadline);

    public IResourceBuilder<ExecutableResource> AddShell(string name, string script) => Builder.AddExecutable(name, "sh", ".", "-c", script);

    public IResourceBuilder<ModelThing> AddThing(string name) => Builder.AddResource(new ModelThing(name));

    public Task PublishStateAsync(IResource resource, string state) => Notifications.PublishUpdateAsync(resource, s => s with { State = state });

    /// <summary>The latest snapshot of the one row of a resource, once it satisfies the predicate.</summary>
    public async Task<CustomResourceSnapshot> SnapshotAsync(string resource, string reason, Func<CustomResourceSnapshot, bool> predicate) =>
        (await Eventually.InTimeAsync(reason, Notifications.WaitForResourceAsync(resource, e => predicate(e.Snapshot)))).Snapshot;

    public Task<CustomResourceSnapshot> StateAsync(string resource, string state) =>
        SnapshotAsync(resource, $"{resource} is {state}", s => s.State?.Text == state);

    /// <summary>The lines that the resource has written so far, without their times.</summary>
    public async Task<IReadOnlyList<string>> LinesAsync(IResource resource)
    {
        List<string> lines = [];
        await foreach (var batch in Logs.GetAllAsync(resource))
        {
            lines.AddRange(batch.Select(line => line.Content[(line.Content.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
        }

        return lines;
    }

    public Task LineAsync(IResource resource, string text) => Eventually.SucceedsAsync(
        $"'{text}' is in the log of {resource.Name}", async () => Assert.Contains(await LinesAsync(resource), line => line.Contains(text, StringComparison.Ordinal)));

    public async ValueTask DisposeAsync()
    {
        if (_application is not null)
        {
            await _application.StopAsync().WaitAsync(Eventually.DefaultDeadline);
            await _application.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>A resource that nobody drives but the test.</summary>
internal class ModelThing(string name) : Resource(name), IResourceWithWaitSupport, IResourceWithEndpoints;

/// <summary>A part of another resource, as a queue is of a namespace.</summary>
internal sealed class ModelPart(string name, ModelThing parent) : Resource(name), IResourceWithParent<ModelThing>
{
    public ModelThing Parent { get; } = parent;
}

/// <summary>What happened, in order, from any thread.</summary>
internal sealed class Record
{
    private readonly List<string> _entries = [];

    public IReadOnlyList<string> Entries
    {
        get
        {
            lock (_entries)
            {
                return [.. _entries];
            }
        }
    }

    public void Add(string entry)
    {
        lock (_entries)
        {
            _entries.Add(entry);
        }
    }
}

/// <summary>Records every call that the host makes to a hosted service.</summary>
internal sealed class RecordingService(Record record, string name) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Note("starting");

    public Task StartAsync(CancellationToken cancellationToken) => Note("start");

    public Task StartedAsync(CancellationToken cancellationToken) => Note("started");

    public Task StoppingAsync(CancellationToken cancellationToken) => Note("stopping");

    public Task StopAsync(CancellationToken cancellationToken) => Note("stop");

    public Task StoppedAsync(CancellationToken cancellationToken) => Note("stopped");

    private Task Note(string what)
    {
        record.Add($"{name} {what}");
        return Task.CompletedTask;
    }
}

internal sealed class RecordingSubscriber(Record record) : IDistributedApplicationEventingSubscriber
{
    public Task SubscribeAsync(IDistributedApplicationEventing eventing, DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken)
    {
        record.Add($"subscribe in {executionContext.Operation} mode");
        return Task.CompletedTask;
    }
}
