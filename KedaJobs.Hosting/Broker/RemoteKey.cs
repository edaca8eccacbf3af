using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using KedaJobs.ServiceBus;

namespace KedaJobs.Hosting.Broker;

/// <summary>
/// The key with which containers connect to a broker that listens on all addresses. Aspire writes the official emulator's key into every
/// connection string of an emulator, and that key is valid on this machine only.
/// </summary>
internal static class RemoteKey
{
    private const string WellKnown = $"SharedAccessKey={SharedAccessRule.DefaultKey};";

    /// <summary>
    /// Has all containers get the key in their environment and arguments, wherever a connection string of the broker is in these.
    /// </summary>
    /// <param name="model">The model, complete.</param>
    /// <param name="port">The broker's port, known when the values are computed.</param>
    /// <param name="key">The key.</param>
    public static void GiveToContainers(DistributedApplicationModel model, Func<int> port, string key)
    {
        foreach (var container in model.Resources.Where(resource => resource is ContainerResource || resource.IsContainer()))
        {
            // A job's container has no image that the orchestrator could see. Runs after all others, whose values it changes.
            container.Annotations.Add(new EnvironmentCallbackAnnotation(context =>
            {
                foreach (var (name, value) in context.EnvironmentVariables.ToList())
                {
                    context.EnvironmentVariables[name] = With(value, port, key);
                }
            }));
            container.Annotations.Add(new CommandLineArgsCallbackAnnotation(context =>
            {
                for (var index = 0; index < context.Args.Count; index++)
                {
                    context.Args[index] = With(context.Args[index], port, key);
                }

                return Task.CompletedTask;
            }));
        }
    }

    private static object With(object value, Func<int> port, string key) => value switch
    {
        IValueProvider provider => new Replacing(provider, port, key),
        string text => Replace(text, port(), key),
        _ => value,
    };

    private static string Replace(string text, int port, string key) =>
        text.Contains($":{port};", StringComparison.Ordinal)
            ? text.Replace(WellKnown, $"SharedAccessKey={key};", StringComparison.Ordinal)
            : text;

    private sealed class Replacing(IValueProvider value, Func<int> port, string key) : IValueProvider
    {
        public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
            Replaced(await value.GetValueAsync(cancellationToken).ConfigureAwait(false));

        public async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default) =>
            Replaced(await value.GetValueAsync(context, cancellationToken).ConfigureAwait(false));

        private string? Replaced(string? text) => text is null ? null : Replace(text, port(), key);
    }
}
