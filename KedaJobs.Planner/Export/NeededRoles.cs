using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Planner.Export;

/// <summary>What a role is assigned on. All null: the namespace.</summary>
internal sealed record RoleScope(string? Queue = null, string? Topic = null, string? Subscription = null)
{
    public override string ToString() => (Queue, Topic, Subscription) switch
    {
        ({ } queue, _, _) => $"queue {queue}",
        (_, { } topic, { } subscription) => $"subscription {topic}/{subscription}",
        (_, { } topic, _) => $"topic {topic}",
        _ => "the namespace",
    };
}

/// <summary>A role that an identity needs for the job to work.</summary>
internal sealed record NeededRole(string Identity, string Role, RoleScope Scope);

/// <summary>
/// Which roles these are: the scale rule's identity Data Owner on the namespace, because only the Manage claim may read a queue's counts;
/// the worker's Data Receiver and Data Sender on what it receives from and sends to.
/// </summary>
internal static class NeededRoles
{
    public const string DataOwner = "Azure Service Bus Data Owner";
    public const string DataReceiver = "Azure Service Bus Data Receiver";
    public const string DataSender = "Azure Service Bus Data Sender";

    public static IReadOnlyList<NeededRole> Of(JobDefinition job)
    {
        List<NeededRole> roles =
        [
            .. JobParts.Triggers(job).Select(trigger => trigger.Identity).OfType<string>().Distinct()
                .Select(scaler => new NeededRole(scaler, DataOwner, new())),
        ];

        if (JobParts.WorkerIdentity(job) is { } worker)
        {
            roles.AddRange(
                from entity in Entities(job)
                from access in entity.Access.Distinct().Order()
                select new NeededRole(worker, access is EntityAccess.Receive ? DataReceiver : DataSender, entity.Scope));
        }

        return roles;
    }

    /// <summary>The same in sentences, with what only the user can know: the roles of further rules' identities.</summary>
    public static IEnumerable<string> Sentences(JobDefinition job) =>
    [
        .. Of(job).Select(needed => $"The managed identity '{needed.Identity}' needs the role {needed.Role} on {needed.Scope}."),
        .. job.Rules.Where(rule => rule.Identity is not null).Select(rule =>
            $"The identity '{rule.Identity}' needs a role that lets the rule '{rule.Name}' ({rule.Type}) read what it counts."),
    ];

    private static IEnumerable<(RoleScope Scope, IReadOnlyList<EntityAccess> Access)> Entities(JobDefinition job) =>
        job.Queues.Select(queue => (new RoleScope(Queue: queue.Name), queue.Access))
            .Prepend((new RoleScope(), job.Namespace?.Access ?? []))
            .Concat(job.Topics.Select(topic => (new RoleScope(Topic: topic.Name), topic.Access)))
            .Concat(job.Topics.SelectMany(topic => topic.Subscriptions.Select(subscription =>
                (new RoleScope(Topic: topic.Name, Subscription: subscription.Name), subscription.Access))));
}
