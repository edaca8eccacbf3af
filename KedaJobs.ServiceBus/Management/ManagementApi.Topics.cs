using System.Xml.Linq;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.ServiceBus.Entities.Topics;

namespace KedaJobs.ServiceBus.Management;

/// <summary>Topics, subscriptions and rules.</summary>
internal sealed partial class ManagementApi
{
    private SubscriptionEntity? Find(ManagementPath path) => services.Catalog.FindTopic(path.Entity)?.Find(path.Subscription);

    private Answer PutTopic(HttpRequest request, string path, XElement description, bool isUpdate)
    {
        var existing = services.Catalog.FindTopic(path);
        if (Precede(path, isUpdate, existing is not null, services.Catalog.Find(path) is not null) is { } refused)
        {
            return refused;
        }

        var options = TopicDescription.Read(
            description, existing is null ? new TopicOptions { Name = path } : TopicDescription.BeforeChange(existing.Options));
        var outcome = isUpdate
            ? services.Catalog.Update(options, out var topic, out var problems)
            : services.Catalog.Create(options, out topic, out problems);
        return Changed(outcome, isUpdate, path, problems, () => TopicDescription.Entry(request, topic!, services.Now));
    }

    private Answer ListSubscriptions(HttpRequest request, string path, ManagementPath resource) =>
        services.Catalog.FindTopic(resource.Entity) is { } topic
            ? List(
                request,
                "Subscriptions",
                topic.Subscriptions,
                subscription => subscription.Queue.UpdatedAt,
                subscription => SubscriptionDescription.Entry(request, subscription, services.Now))
            : NotFound(path);

    private Answer GetSubscription(HttpRequest request, string path, ManagementPath resource) => Find(resource) is { } subscription
        ? Answer.Xml(200, SubscriptionDescription.Entry(request, subscription, services.Now))
        : NotFound(path);

    private Answer PutSubscription(HttpRequest request, string path, ManagementPath resource, XElement description, bool isUpdate)
    {
        var existing = Find(resource);
        if (Precede(path, isUpdate, existing is not null, existing is not null) is { } refused)
        {
            return refused;
        }

        var options = SubscriptionDescription.Read(
            description,
            existing is null
                ? new SubscriptionOptions { Name = resource.Subscription }
                : SubscriptionDescription.BeforeChange(existing.Options));
        if (ForeignTarget(request, options.ForwardTo, options.ForwardDeadLetteredMessagesTo) is { } foreign)
        {
            return foreign;
        }

        var outcome = isUpdate
            ? services.Catalog.Update(resource.Entity, options, out var subscription, out var problems)
            : services.Catalog.Create(resource.Entity, options, out subscription, out problems);
        return Changed(
            outcome,
            isUpdate,
            outcome == CatalogOutcome.NotFound ? resource.Entity : path,
            problems,
            () => SubscriptionDescription.Entry(request, subscription!, services.Now));
    }

    private Answer ListRules(HttpRequest request, string path, ManagementPath resource) => Find(resource) is { } subscription
        ? List(
            request,
            "Rules",
            subscription.Rules.Rules,
            rule => rule.CreatedAt,
            rule => RuleDescription.Entry(request, subscription, rule))
        : NotFound(path);

    private Answer GetRule(HttpRequest request, string path, ManagementPath resource) =>
        Find(resource) is { } subscription && subscription.Rules.Find(resource.Rule) is { } rule
            ? Answer.Xml(200, RuleDescription.Entry(request, subscription, rule))
            : NotFound(path);

    private Answer PutRule(HttpRequest request, string path, ManagementPath resource, XElement description, bool isUpdate)
    {
        if (Find(resource) is not { } subscription)
        {
            return NotFound($"{resource.Entity}/Subscriptions/{resource.Subscription}");
        }

        var existing = subscription.Rules.Find(resource.Rule);
        if (Precede(path, isUpdate, existing is not null, existing is not null) is { } refused)
        {
            return refused;
        }

        var options = RuleDescription.Read(description, new RuleOptions { Name = existing?.Name ?? resource.Rule });
        var outcome = services.Catalog.Define(subscription, options, isUpdate, out var rule, out var problems);
        return Changed(outcome, isUpdate, path, problems, () => RuleDescription.Entry(request, subscription, rule!));
    }
}
