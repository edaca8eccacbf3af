using Amqp.Framing;
using Amqp.Listener;
using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>Takes part in each attach: what the link is for, whether the client may, and what it gets at the other end.</summary>
internal sealed class LinkRouter(BrokerServices services) : ILinkProcessor
{
    public void Process(AttachContext attachContext)
    {
        var attach = attachContext.Attach;
        var isReceiver = attach.Role;
        var address = EntityAddress.Parse(isReceiver ? (attach.Source as Source)?.Address : (attach.Target as Target)?.Address);
        if (address.IsCbs)
        {
            if (isReceiver)
            {
                AttachResponseLink(attachContext, address);
            }
            else
            {
                attachContext.Complete(new CbsEndpoint(services), RequestEndpoint.Credit);
            }

            return;
        }

        var client = ClientConnection.Of(attachContext.Link);
        var needed = address.IsManagement ? AccessRights.None : isReceiver ? AccessRights.Listen : AccessRights.Send;
        client.Register(attachContext.Link, address.Path, needed);
        var error = Check(address, needed, client, out var queue);
        if (error is not null)
        {
            attachContext.Complete(error);
            return;
        }

        if (address.IsManagement)
        {
            if (isReceiver)
            {
                AttachResponseLink(attachContext, address);
            }
            else
            {
                attachContext.Complete(new ManagementEndpoint(services, queue!, address), RequestEndpoint.Credit);
            }
        }
        else if (isReceiver)
        {
            AttachReceiver(attachContext, queue!);
        }
        else
        {
            AttachSender(attachContext, queue!);
        }
    }

    private Error? Check(EntityAddress address, AccessRights needed, ClientConnection client, out SubQueue? queue)
    {
        queue = null;
        if (!client.Allows(address.Path, needed, services.Now))
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

    private static void AttachResponseLink(AttachContext context, EntityAddress address)
    {
        var response = new ResponseLink(context.Link, (context.Attach.Target as Target)?.Address);
        RequestEndpoint.Register(context.Link.Session, address.Path, response);
        context.Complete(response, 0);
    }

    private void AttachSender(AttachContext context, SubQueue queue)
    {
        if (queue.Entity is { Subscription: { } subscription })
        {
            context.Complete(Errors.NotAllowed(
                $"Messages cannot be sent to a subscription. Send to its topic '{subscription.Topic.Name}'."));
            return;
        }

        if (queue.Kind != SubQueueKind.Main)
        {
            context.Complete(Errors.NotAllowed("Messages cannot be sent to a dead-letter queue. Send to the queue itself."));
            return;
        }

        if (queue.Entity.Options.Status is EntityStatus.Disabled or EntityStatus.SendDisabled)
        {
            context.Complete(Errors.Of(SendOutcome.Disabled, queue.Entity));
            return;
        }

        // Clients take the limit of their batches from here.
        context.Attach.MaxMessageSize = (ulong)queue.Entity.MaxMessageSize;
        context.Complete(new SubmissionEndpoint(services, queue.Entity), SubmissionEndpoint.Credit);
    }

    private void AttachReceiver(AttachContext context, SubQueue queue)
    {
        if (queue.Entity is { Topic: { } topic })
        {
            context.Complete(Errors.NotAllowed(
                $"Messages cannot be received from a topic. Receive from one of its subscriptions: '{topic.Name}/Subscriptions/...'."));
            return;
        }

        context.Attach.MaxMessageSize = (ulong)queue.Entity.MaxMessageSize;
        var consumer = new LinkConsumer(services, queue, context.Link);
        AttachOutcome outcome;
        if (SessionAttach.IsRequested(context.Attach, out var sessionId))
        {
            var attach = new SessionAttach(context);
            consumer.Await(attach);
            outcome = queue.AttachSession(consumer, sessionId, attach.Patience, services.Now, out var grantedId, out var lockedUntil);
            if (outcome == AttachOutcome.Attached)
            {
                attach.Complete(consumer, grantedId, lockedUntil);
            }
        }
        else
        {
            outcome = queue.Attach(consumer, services.Now);
            if (outcome == AttachOutcome.Attached)
            {
                consumer.CompleteAttach(context);
            }
        }

        if (outcome is not (AttachOutcome.Attached or AttachOutcome.Waiting))
        {
            context.Complete(Errors.Of(outcome, queue.Entity));
        }
    }
}
