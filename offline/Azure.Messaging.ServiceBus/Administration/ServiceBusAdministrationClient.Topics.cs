namespace Azure.Messaging.ServiceBus.Administration;

/// <summary>Topics, subscriptions and rules.</summary>
public partial class ServiceBusAdministrationClient
{
    public virtual Task<Response<TopicProperties>> CreateTopicAsync(string name, CancellationToken cancellationToken = default) =>
        CreateTopicAsync(new CreateTopicOptions(name), cancellationToken);

    public virtual async Task<Response<TopicProperties>> CreateTopicAsync(CreateTopicOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var entry = AtomFeed.Entry(options.ToProperties().ToXml());
        return Topic(await _http.PutAsync(options.Name, entry, update: false, cancellationToken).ConfigureAwait(false), options.Name);
    }

    public virtual async Task<Response<TopicProperties>> UpdateTopicAsync(TopicProperties topic, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topic);
        return Topic(await _http.PutAsync(topic.Name, AtomFeed.Entry(topic.ToXml()), update: true, cancellationToken).ConfigureAwait(false), topic.Name);
    }

    public virtual async Task<Response> DeleteTopicAsync(string name, CancellationToken cancellationToken = default) =>
        await _http.DeleteAsync(Checked(name), cancellationToken).ConfigureAwait(false);

    public virtual async Task<Response<TopicProperties>> GetTopicAsync(string name, CancellationToken cancellationToken = default) =>
        Topic(await _http.GetAsync(Checked(name), "enrich=False", cancellationToken).ConfigureAwait(false), name);

    public virtual async Task<Response<TopicRuntimeProperties>> GetTopicRuntimePropertiesAsync(string name, CancellationToken cancellationToken = default)
    {
        var response = await _http.GetAsync(Checked(name), "enrich=True", cancellationToken).ConfigureAwait(false);
        var (found, description) = Single(response, name, "TopicDescription");
        return Response.FromValue(new TopicRuntimeProperties(found, description), response);
    }

    public virtual Task<Response<bool>> TopicExistsAsync(string name, CancellationToken cancellationToken = default) =>
        ExistsAsync(() => GetTopicAsync(name, cancellationToken));

    public virtual AsyncPageable<TopicProperties> GetTopicsAsync(CancellationToken cancellationToken = default) =>
        Listed("$Resources/topics", TopicProperties.Parse, "enrich=False", cancellationToken);

    public virtual AsyncPageable<TopicRuntimeProperties> GetTopicsRuntimePropertiesAsync(CancellationToken cancellationToken = default) =>
        Listed("$Resources/topics", (name, description) => new TopicRuntimeProperties(name, description), "enrich=True", cancellationToken);

    public virtual Task<Response<SubscriptionProperties>> CreateSubscriptionAsync(
        string topicName, string subscriptionName, CancellationToken cancellationToken = default) =>
        CreateSubscriptionAsync(new CreateSubscriptionOptions(topicName, subscriptionName), cancellationToken);

    public virtual Task<Response<SubscriptionProperties>> CreateSubscriptionAsync(
        CreateSubscriptionOptions options, CancellationToken cancellationToken = default) =>
        CreateSubscriptionAsync(options, new CreateRuleOptions(), cancellationToken);

    public virtual async Task<Response<SubscriptionProperties>> CreateSubscriptionAsync(
        CreateSubscriptionOptions options, CreateRuleOptions rule, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(rule);
        var entry = AtomFeed.Entry(options.ToProperties().ToXml(rule.ToProperties()));
        var path = PathOf(options.TopicName, options.SubscriptionName);
        return Subscription(await _http.PutAsync(path, entry, update: false, cancellationToken).ConfigureAwait(false), options.TopicName, path);
    }

    public virtual async Task<Response<SubscriptionProperties>> UpdateSubscriptionAsync(
        SubscriptionProperties subscription, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        var path = PathOf(subscription.TopicName, subscription.SubscriptionName);
        return Subscription(
            await _http.PutAsync(path, AtomFeed.Entry(subscription.ToXml()), update: true, cancellationToken).ConfigureAwait(false), subscription.TopicName, path);
    }

    public virtual async Task<Response> DeleteSubscriptionAsync(string topicName, string subscriptionName, CancellationToken cancellationToken = default) =>
        await _http.DeleteAsync(PathOf(topicName, subscriptionName), cancellationToken).ConfigureAwait(false);

    public virtual async Task<Response<SubscriptionProperties>> GetSubscriptionAsync(
        string topicName, string subscriptionName, CancellationToken cancellationToken = default)
    {
        var path = PathOf(topicName, subscriptionName);
        return Subscription(await _http.GetAsync(path, "enrich=False", cancellationToken).ConfigureAwait(false), topicName, path);
    }

    public virtual async Task<Response<SubscriptionRuntimeProperties>> GetSubscriptionRuntimePropertiesAsync(
        string topicName, string subscriptionName, CancellationToken cancellationToken = default)
    {
        var path = PathOf(topicName, subscriptionName);
        var response = await _http.GetAsync(path, "enrich=True", cancellationToken).ConfigureAwait(false);
        var (name, description) = Single(response, path, "SubscriptionDescription");
        return Response.FromValue(new SubscriptionRuntimeProperties(topicName, name, description), response);
    }

    public virtual Task<Response<bool>> SubscriptionExistsAsync(
        string topicName, string subscriptionName, CancellationToken cancellationToken = default) =>
        ExistsAsync(() => GetSubscriptionAsync(topicName, subscriptionName, cancellationToken));

    public virtual AsyncPageable<SubscriptionProperties> GetSubscriptionsAsync(string topicName, CancellationToken cancellationToken = default) => Listed(
        $"{Checked(topicName)}/Subscriptions",
        (name, description) => SubscriptionProperties.Parse(topicName, name, description),
        "enrich=False",
        cancellationToken);

    public virtual AsyncPageable<SubscriptionRuntimeProperties> GetSubscriptionsRuntimePropertiesAsync(
        string topicName, CancellationToken cancellationToken = default) => Listed(
        $"{Checked(topicName)}/Subscriptions",
        (name, description) => new SubscriptionRuntimeProperties(topicName, name, description),
        "enrich=True",
        cancellationToken);

    public virtual async Task<Response<RuleProperties>> CreateRuleAsync(
        string topicName, string subscriptionName, CreateRuleOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var path = PathOf(topicName, subscriptionName, options.Name);
        return Rule(await _http.PutAsync(path, AtomFeed.Entry(RuleXml.Write(options.ToProperties())), update: false, cancellationToken).ConfigureAwait(false), path);
    }

    public virtual async Task<Response<RuleProperties>> UpdateRuleAsync(
        string topicName, string subscriptionName, RuleProperties rule, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var path = PathOf(topicName, subscriptionName, rule.Name);
        return Rule(await _http.PutAsync(path, AtomFeed.Entry(RuleXml.Write(rule)), update: true, cancellationToken).ConfigureAwait(false), path);
    }

    public virtual async Task<Response> DeleteRuleAsync(
        string topicName, string subscriptionName, string ruleName, CancellationToken cancellationToken = default) =>
        await _http.DeleteAsync(PathOf(topicName, subscriptionName, ruleName), cancellationToken).ConfigureAwait(false);

    public virtual async Task<Response<RuleProperties>> GetRuleAsync(
        string topicName, string subscriptionName, string ruleName, CancellationToken cancellationToken = default)
    {
        var path = PathOf(topicName, subscriptionName, ruleName);
        return Rule(await _http.GetAsync(path, "enrich=False", cancellationToken).ConfigureAwait(false), path);
    }

    public virtual Task<Response<bool>> RuleExistsAsync(
        string topicName, string subscriptionName, string ruleName, CancellationToken cancellationToken = default) =>
        ExistsAsync(() => GetRuleAsync(topicName, subscriptionName, ruleName, cancellationToken));

    public virtual AsyncPageable<RuleProperties> GetRulesAsync(string topicName, string subscriptionName, CancellationToken cancellationToken = default) =>
        Listed($"{PathOf(topicName, subscriptionName)}/Rules", (_, description) => RuleXml.Parse(description), "enrich=False", cancellationToken);

    private static string PathOf(string topicName, string subscriptionName, string ruleName = null)
    {
        var path = ServiceBusClient.SubscriptionPath(Checked(topicName), Checked(subscriptionName));
        return ruleName is null ? path : $"{path}/Rules/{ruleName}";
    }

    private static Response<TopicProperties> Topic(Response response, string name)
    {
        var (found, description) = Single(response, name, "TopicDescription");
        return Response.FromValue(TopicProperties.Parse(found, description), response);
    }

    private static Response<SubscriptionProperties> Subscription(Response response, string topicName, string path)
    {
        var (name, description) = Single(response, path, "SubscriptionDescription");
        return Response.FromValue(SubscriptionProperties.Parse(topicName, name, description), response);
    }

    private static Response<RuleProperties> Rule(Response response, string path) =>
        Response.FromValue(RuleXml.Parse(Single(response, path, "RuleDescription").Description), response);
}
