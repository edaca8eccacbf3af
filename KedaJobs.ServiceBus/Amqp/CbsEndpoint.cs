using KedaJobs.ServiceBus.Amqp.Framing;
using KedaJobs.ServiceBus.Amqp.Protocol;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>
/// Takes the tokens with which a client shows what it may do (OASIS "AMQP Claims-based Security", as Service Bus has it).
/// </summary>
internal sealed class CbsEndpoint(BrokerServices services, ClientClaims claims, IncomingLink link) : RequestEndpoint(services, link)
{
    private const int Accepted = 202;
    private const int BadRequest = 400;
    private const int Unauthorized = 401;

    protected override string Node => EntityAddress.Cbs;

    protected override AmqpResponse Process(AmqpRequest request, byte[]? transaction)
    {
        var properties = request.ApplicationProperties;
        if (request.Operation != "put-token")
        {
            return Respond(BadRequest, "The operation must be 'put-token'.");
        }

        if (properties["type"] is not "servicebus.windows.net:sastoken")
        {
            return Respond(
                BadRequest, "The token's type must be 'servicebus.windows.net:sastoken': this broker knows shared access signatures only.");
        }

        var now = Services.Now;
        var grant = Services.Tokens.Validate(request.Body as string, claims.IsLocal, now, out var problem);
        if (grant is null)
        {
            return Respond(Unauthorized, problem);
        }

        var audience = EntityAddress.PathOf(properties["name"] as string ?? "");
        if (!grant.Covers(audience, AccessRights.None, now))
        {
            return Respond(Unauthorized, "The token is for another resource than the one that is named.");
        }

        claims.AddGrant(grant, now);
        return Respond(Accepted, "Accepted");
    }

    private AmqpResponse Respond(int status, string description)
    {
        if (status != Accepted)
        {
            Link.Connection.OnRefused("token", new Error(Errors.UnauthorizedCondition, description));
        }

        return new AmqpResponse(new AmqpMap { ["status-code"] = status, ["status-description"] = description }, null);
    }
}
