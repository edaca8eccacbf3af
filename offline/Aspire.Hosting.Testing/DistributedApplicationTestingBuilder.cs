using System.Reflection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

public static class DistributedApplicationTestingBuilder
{
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync(typeof(TEntryPoint), [], cancellationToken);

    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(string[] args, CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync(typeof(TEntryPoint), args, cancellationToken);

    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(
        string[] args,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder,
        CancellationToken cancellationToken = default) => CreateAsync(typeof(TEntryPoint), args, configureBuilder, cancellationToken);

    public static Task<IDistributedApplicationTestingBuilder> CreateAsync(Type entryPoint, CancellationToken cancellationToken = default) =>
        CreateAsync(entryPoint, [], cancellationToken);

    public static Task<IDistributedApplicationTestingBuilder> CreateAsync(
        Type entryPoint,
        string[] args,
        CancellationToken cancellationToken = default) => CreateAsync(entryPoint, args, (_, _) => { }, cancellationToken);

    public static Task<IDistributedApplicationTestingBuilder> CreateAsync(
        Type entryPoint,
        string[] args,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entryPoint);
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(configureBuilder);
        return CreateAsync(EntryPointRun.Of(entryPoint.Assembly, args, configureBuilder), cancellationToken);
    }

    internal static async Task<IDistributedApplicationTestingBuilder> CreateAsync(EntryPointRun run, CancellationToken cancellationToken)
    {
        try
        {
            return new TestingBuilder(await run.StartAsync(cancellationToken), run.BuildAsync, run.DisposeAsync);
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    public static IDistributedApplicationTestingBuilder Create(params string[] args) => Create(args, (_, _) => { });

    public static IDistributedApplicationTestingBuilder Create(
        string[] args,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(configureBuilder);
        var defaults = new DefaultsOnly(args, configureBuilder);
        EntryPointObserver.Observe(defaults);
        DistributedApplicationBuilder builder;
        try
        {
            builder = new DistributedApplicationBuilder(new DistributedApplicationOptions { Args = args });
        }
        finally
        {
            EntryPointObserver.Take();
        }

        return new TestingBuilder(builder, _ => Task.FromResult(builder.Build()), () => ValueTask.CompletedTask);
    }

    // A builder without an entry point: the test has it in its own hands, with the defaults of a test.
    private sealed class DefaultsOnly(string[] args, Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configure) : EntryPointObserver
    {
        public override void OnConstructing(DistributedApplicationOptions options, HostApplicationBuilderSettings settings)
        {
            TestDefaults.Apply(options, settings, Assembly.GetEntryAssembly(), args);
            configure(options, settings);
        }

        public override void OnBuilding(DistributedApplicationBuilder builder)
        {
        }

        public override DistributedApplication OnBuilt(DistributedApplication application) => application;
    }
}
