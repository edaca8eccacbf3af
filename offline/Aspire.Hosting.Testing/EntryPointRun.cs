using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>
/// Runs an AppHost's entry point on a thread of its own, held at two places: in Build until the test builds, and in Run until the test starts
/// the application. Between them the test has the builder, and then the application.
/// </summary>
internal sealed class EntryPointRun(
    Assembly assembly,
    Action<string[]> main,
    string[] args,
    Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configure) : EntryPointObserver, IAsyncDisposable
{
    private const string TimeoutVariable = "DOTNET_HOST_FACTORY_RESOLVER_DEFAULT_TIMEOUT_IN_SECONDS";
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource<DistributedApplicationBuilder> _builder = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _build = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DistributedApplication> _application = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _abandoned = new();

    private static TimeSpan Timeout =>
        int.TryParse(Environment.GetEnvironmentVariable(TimeoutVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : DefaultTimeout;

    /// <summary>For the entry point of an assembly.</summary>
    public static EntryPointRun Of(
        Assembly assembly,
        string[] args,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configure)
    {
        var main = assembly.EntryPoint
            ?? throw new InvalidOperationException(
                $"Assembly {assembly.GetName().Name} has no entry point: give a type of the AppHost project, such as Projects.MyApp_AppHost.");
        // The compiler gives an async Main a synchronous entry point.
        object?[]? Given(string[] given) => main.GetParameters().Length == 0 ? null : [given];
        return new EntryPointRun(assembly, given => main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, Given(given), null), args, configure);
    }

    /// <summary>Starts the entry point; returns its builder when it calls Build.</summary>
    public Task<DistributedApplicationBuilder> StartAsync(CancellationToken cancellationToken)
    {
        new Thread(Run)
        {
            Name = $"{assembly.GetName().Name}.EntryPoint",
            IsBackground = true,
        }.Start();
        return InTime(_builder.Task, "calls Build", cancellationToken);
    }

    /// <summary>Lets the entry point build; returns the application.</summary>
    public async Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken)
    {
        _build.TrySetResult();
        var application = await InTime(_application.Task, "has built its application", cancellationToken);
        return new TestedApplication(application, this);
    }

    /// <summary>The entry point's Run goes on, or fails as the start did.</summary>
    public void Started(Exception? failure = null)
    {
        if (failure is null)
        {
            _started.TrySetResult();
        }
        else
        {
            _started.TrySetException(failure);
        }
    }

    public override void OnConstructing(DistributedApplicationOptions options, HostApplicationBuilderSettings settings)
    {
        TestDefaults.Apply(options, settings, assembly, args);
        configure(options, settings);
    }

    public override void OnBuilding(DistributedApplicationBuilder builder)
    {
        _builder.TrySetResult(builder);
        _build.Task.Wait(_abandoned.Token);
    }

    public override DistributedApplication OnBuilt(DistributedApplication application)
    {
        // Made first: as soon as the test has the application, it may dispose of it.
        var seen = new EntryPointApplication(application, _started.Task, _abandoned.Token);
        _application.TrySetResult(application);
        return seen;
    }

    /// <summary>Waits for the entry point's end, for a while; its errors after this are nobody's.</summary>
    public async ValueTask DisposeAsync()
    {
        // An application that was started has been stopped by now: its entry point comes back from Run by itself.
        if (_started.Task.IsCompletedSuccessfully)
        {
            await EndAsync();
        }

        await _abandoned.CancelAsync();
        if (_builder.Task.IsCompletedSuccessfully)
        {
            await EndAsync();
        }
    }

    private Task EndAsync() => Task.WhenAny(_ended.Task, Task.Delay(EndTimeout, TimeProvider.System, CancellationToken.None));

    private void Run()
    {
        Observe(this);
        Exception? failure = null;
        try
        {
            main(args);
        }
        catch (Exception e)
        {
            failure = e;
        }

        var name = assembly.GetName().Name;
        Fail(_builder, $"The entry point of {name} ended without building an application: it must call Build on a DistributedApplication builder.");
        Fail(_application, $"The entry point of {name} ended while it built its application.");
        _ended.TrySetResult();

        void Fail<T>(TaskCompletionSource<T> waiting, string message)
        {
            waiting.TrySetException(failure ?? new InvalidOperationException(message));
            // Seen by nobody when the test ended first.
            _ = waiting.Task.Exception;
        }
    }

    private async Task<T> InTime<T>(Task<T> task, string what, CancellationToken cancellationToken)
    {
        try
        {
            return await task.WaitAsync(Timeout, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException(
                $"The entry point of {assembly.GetName().Name} has not come to where it {what} within {Timeout.TotalSeconds:0} s ({TimeoutVariable} changes that).");
        }
    }
}
