using System.Runtime.CompilerServices;
using Azure.Messaging.ServiceBus.Administration;
using Azure.Messaging.ServiceBus.Transport;

namespace Azure.Messaging.ServiceBus;

public class ServiceBusRuleManager : IAsyncDisposable
{
    private const int PageSize = 100;
    private readonly ServiceBusClient _client;
    private readonly LazyLink<ManagementLink> _management;

    protected ServiceBusRuleManager()
    {
    }

    internal ServiceBusRuleManager(ServiceBusClient client, string subscriptionPath)
    {
        _client = client;
        SubscriptionPath = subscriptionPath;
        _management = new LazyLink<ManagementLink>((timeout, token) => ManagementLink.OpenAsync(client.Scope, subscriptionPath, timeout, token));
    }

    public virtual string FullyQualifiedNamespace => _client.FullyQualifiedNamespace;

    public virtual string SubscriptionPath { get; }

    public virtual bool IsClosed { get; private set; }

    public virtual Task CreateRuleAsync(string ruleName, RuleFilter filter, CancellationToken cancellationToken = default) =>
        CreateRuleAsync(new CreateRuleOptions(ruleName, filter), cancellationToken);

    public virtual Task CreateRuleAsync(CreateRuleOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return RunAsync(
            async (link, timeout, token) =>
            {
                await link.AddRuleAsync(options.ToProperties(), timeout, token).ConfigureAwait(false);
                return true;
            },
            cancellationToken);
    }

    public virtual Task DeleteRuleAsync(string ruleName, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(ruleName);
        return RunAsync(
            async (link, timeout, token) =>
            {
                await link.RemoveRuleAsync(ruleName, timeout, token).ConfigureAwait(false);
                return true;
            },
            cancellationToken);
    }

    public virtual async IAsyncEnumerable<RuleProperties> GetRulesAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var skip = 0; ; skip += PageSize)
        {
            var from = skip;
            var page = await RunAsync((link, timeout, token) => link.GetRulesAsync(from, PageSize, timeout, token), cancellationToken).ConfigureAwait(false);
            foreach (var rule in page)
            {
                yield return rule;
            }

            if (page.Count < PageSize)
            {
                yield break;
            }
        }
    }

    public virtual async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        if (!IsClosed)
        {
            IsClosed = true;
            await _management.CloseAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    private Task<T> RunAsync<T>(Func<ManagementLink, TimeSpan, CancellationToken, Task<T>> operation, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(IsClosed, typeof(ServiceBusRuleManager));
        _client.ThrowIfClosed();
        return _client.RunAsync(
            async (timeout, token) => await operation(await _management.GetAsync(timeout, token).ConfigureAwait(false), timeout, token).ConfigureAwait(false),
            SubscriptionPath,
            cancellationToken);
    }
}
