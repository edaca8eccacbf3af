using Aspire.Hosting.Azure;
using Azure.Provisioning.ServiceBus;
using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Hosting.Publishing.Definitions;

/// <summary>
/// What the worker does with the entities that it refers to, as far as its roles on the namespace tell. Receiver and
/// Sender are given side by side without saying for which entity: then the trigger is received from, and other queues are
/// sent to. Data Owner says both of every queue.
/// </summary>
internal sealed record EntityRights(bool MayReceive, bool MaySend, bool Owns)
{
    private static readonly string Owner = ServiceBusBuiltInRole.AzureServiceBusDataOwner.ToString();
    private static readonly string Receiver = ServiceBusBuiltInRole.AzureServiceBusDataReceiver.ToString();
    private static readonly string Sender = ServiceBusBuiltInRole.AzureServiceBusDataSender.ToString();

    public static EntityRights Of(IEnumerable<RoleDefinition> roles)
    {
        var ids = roles.Select(role => role.Id).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var owns = ids.Contains(Owner);
        return new(owns || ids.Contains(Receiver), owns || ids.Contains(Sender), owns);
    }

    /// <summary>On the namespace as a whole.</summary>
    public IReadOnlyList<EntityAccess> Everywhere => [.. Receive(MayReceive), .. Send(MaySend)];

    public IReadOnlyList<EntityAccess> OnQueue(bool isTrigger) =>
        Owns ? Everywhere : isTrigger ? [.. Receive(MayReceive)] : MaySend ? [EntityAccess.Send] : [.. Receive(MayReceive)];

    public IReadOnlyList<EntityAccess> OnTopic => [.. Send(MaySend)];

    public IReadOnlyList<EntityAccess> OnSubscription => [.. Receive(MayReceive)];

    private static IEnumerable<EntityAccess> Receive(bool may) => may ? [EntityAccess.Receive] : [];

    private static IEnumerable<EntityAccess> Send(bool may) => may ? [EntityAccess.Send] : [];
}
