namespace Azure.Messaging.ServiceBus.Administration;

public partial class ServiceBusAdministrationClient
{
    public virtual async Task<Response<SubscriptionRuntimeProperties>> GetSubscriptionRuntimePropertiesAsync(
        string topicName, string subscriptionName, CancellationToken cancellationToken = default)
    {
        var path = $"{Checked(topicName)}/Subscriptions/{Checked(subscriptionName)}";
        var response = await _http.GetAsync(path, "enrich=True", cancellationToken).ConfigureAwait(false);
        // For a subscription that does not exist the service may answer with an empty feed.
        var description = AtomFeed.Entries(response.Content.ToStream())
            .FirstOrDefault(entry => entry.Description.Name.LocalName == "SubscriptionDescription").Description
            ?? throw new ServiceBusException(
                $"The messaging entity '{path}' could not be found.",
                ServiceBusFailureReason.MessagingEntityNotFound,
                innerException: new RequestFailedException(response));
        return Response.FromValue(new SubscriptionRuntimeProperties(topicName, subscriptionName, AtomFeed.RuntimeProperties(path, description)), response);
    }
}
