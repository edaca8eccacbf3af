using KedaJobs.ServiceBus.Amqp.Framing;
using KedaJobs.ServiceBus.Amqp.Protocol;
using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>Takes part in each attach: what the link is for, whether the client may, and what it gets at the other end.</summary>
/// <param name="services">The broker.</param>
/// <param name="claims">What the client may do.</param>
/// <param name="transactions">The client's transactions.</param>
internal sealed class LinkRouter(BrokerServices services, ClientClaims claims, ClientTransactions transactions) : ILinkRouter
{
    public void Attach(IncomingLink link)
    {
        if (link.Attach.Target is { Kind: Descriptors.Coordinator })
        {
            link.Session.HasCoordinator = true;
            link.Complete(new CoordinatorEndpoint(services, transactions, link));
            return;
        }

        if (link.Attach.Target is not { Kind: Descriptors.Target } target)
        {
            link.Refuse(NoAddress());
            return;
        }

        var address = EntityAddress.Parse(target.Address);
        if (address.IsCbs)
        {
            link.Complete(new CbsEndpoint(services, claims, link));
            return;
        }

        var right = address.IsManagement ? AccessRights.None : AccessRights.Send;
        claims.Register(link, address.Path, right);
        if (Check(address, right, out var queue) is { } error)
        {
            link.Refuse(error);
        }
        else if (address.IsManagement)
        {
            link.Complete(new ManagementEndpoint(services, claims, transactions, link, queue!, address));
        }
        else
        {
            AttachSender(link, queue!);
        }
    }

    public void Attach(OutgoingLink link)
    {
        if (link.Attach.Source is not { Kind: Descriptors.Source } source)
        {
            link.Refuse(NoAddress());
            return;
        }

        var address = EntityAddress.Parse(source.Address);
        if (address.IsCbs)
        {
            link.Complete(new ResponseLink(link, address.Path));
            return;
        }

        var right = address.IsManagement ? AccessRights.None : AccessRights.Listen;
        claims.Register(link, address.Path, right);
        if (Check(address, right, out var queue) is { } error)
        {
            link.Refuse(error);
        }
        else if (address.IsManagement)
        {
            link.Complete(new ResponseLink(link, address.Path));
        }
        else
        {
            AttachReceiver(link, queue!);
        }
    }

    private static Error NoAddress() => Errors.Create("amqp:invalid-field", "The attach names no address.");

    private Error? Check(EntityAddress address, AccessRights needed, out SubQueue? queue)
    {
        queue = null;
        if (!claims.Allows(address.Path, needed, services.Now))
        {
            return Errors.Unauthorized(address.Path, needed == AccessRights.None ? AccessRights.Listen : needed);
        }

        if (services.Catalog.Find(address.Queue) is not { } entity)
        {
            return Errors.EntityNotFound(address.Queue);
        }

        queue = entity.Part(address.Kind);
        return null;
    }

    private void AttachSender(IncomingLink link, SubQueue queue)
    {
        if (queue.Entity is { Subscription: { } subscription })
        {
            link.Refuse(Errors.NotAllowed(
                $"Messages cannot be sent to a subscription. Send to its topic '{subscription.Topic.Name}'."));
            return;
        }

        if (queue.Kind != SubQueueKind.Main)
        {
            link.Refuse(Errors.NotAllowed("Messages cannot be sent to a dead-letter queue. Send to the queue itself."));
            return;
        }

        if (queue.Entity.Options.Status is EntityStatus.Disabled or EntityStatus.SendDisabled)
        {
            link.Refuse(Errors.Of(SendOutcome.Disabled, queue.Entity));
            return;
        }

        // Clients take the limit of their batches from here.
        link.Session.FirstEntity ??= queue.Entity.TopLevelName;
        link.Complete(new SubmissionEndpoint(services, transactions, link, queue.Entity), queue.Entity.MaxMessageSize);
    }

    private void AttachReceiver(OutgoingLink link, SubQueue queue)
    {
        if (SessionAttach.HasUnknownFilter(link.Attach))
        {
            // In Service Bus's words, of which the .NET client looks for some.
            link.Refuse(Errors.NotImplemented(
                $"The link '{link.Attach.Name}' contains invalid filter type. "
                + $"This broker knows {SessionAttach.Filter} and {SessionAttach.NonExclusiveFilter}."));
            return;
        }

        if (queue.Entity is { Topic: { } topic })
        {
            link.Refuse(Errors.NotAllowed(
                $"Messages cannot be received from a topic. Receive from one of its subscriptions: '{topic.Name}/Subscriptions/...'."));
            return;
        }

        if (link.Session is { HasCoordinator: true, FirstEntity: { } first }
            && !ClientTransactions.IsSame(first, queue.Entity.TopLevelName))
        {
            link.Refuse(Errors.SpansEntities(first, queue.Entity.TopLevelName));
            return;
        }

        var request = SessionAttach.Read(link.Attach);
        var consumer = new LinkConsumer(services, transactions, queue, link)
        {
            IsNonExclusive = request?.IsNonExclusive ?? false,
            TakeOverToken = request?.TakeOverToken,
        };
        AttachOutcome outcome;
        if (request is not null)
        {
            link.Await(consumer);
            outcome = queue.AttachSession(
                consumer, request.SessionId, SessionAttach.PatienceOf(link.Attach), services.Now, out var grantedId, out var lockedUntil);
            if (outcome == AttachOutcome.Attached)
            {
                SessionAttach.Complete(link, consumer, grantedId, lockedUntil);
            }
        }
        else
        {
            outcome = queue.Attach(consumer, services.Now);
            if (outcome == AttachOutcome.Attached)
            {
                // No limit is named: a message as large as allowed grows by its annotations, and by the reason of a dead letter. The .NET
                // client ends a link that goes beyond.
                link.Complete(consumer);
            }
        }

        if (outcome is AttachOutcome.Attached or AttachOutcome.Waiting)
        {
            link.Session.FirstEntity ??= queue.Entity.TopLevelName;
        }
        else
        {
            link.Refuse(Errors.Of(outcome, queue.Entity));
        }
    }
}
