using Aspire.Hosting;
using Aspire.Hosting.Azure;
using Aspire.Hosting.Testing;
using Azure.Messaging.ServiceBus;
using KedaJobs.Tests.Hosting.Local.Fakes;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Local;

/// <summary>The run mode of a job that a subscription triggers, on a namespace that exists already.</summary>
public class SubscriptionRunTests
{
    [Fact]
    public async Task Subscription_is_waited_for_polled_and_decided_on()
    {
        await using var api = await FakeManagementApi.StartAsync();
        api.AnswerWith("SubscriptionDescription", active: 7, dead: 2);
        await using var builder = DistributedApplicationTestingBuilder.Create($"--ConnectionStrings:messaging={api.ConnectionString}");
        var mail = builder.AddAzureServiceBus("messaging").RunAsExistingNamespace().AddServiceBusTopic("orders")
            .AddServiceBusSubscription("mail", "for-mail");
        builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null).WithReference(mail)
            // High enough that nothing is started: it is the reading that is looked at.
            .AsEventJob(mail, job => job.ActivationMessageCount = 7);
        await using var app = await builder.BuildAsync();
        await app.StartAsync().WaitAsync(Eventually.DefaultDeadline);

        var job = app.GetJob("worker");
        var polled = await job.WaitForAsync(snapshot => snapshot.LastPoll is not null, Eventually.DefaultDeadline);

        Assert.Null(polled.Problem);
        Assert.Equal((7, 2, 0), (polled.QueueLength, polled.DeadLetters, polled.LastStart));
        Assert.Contains("GET /orders/Subscriptions/for-mail", api.Asked);
    }

    [Fact]
    public async Task Subscription_of_the_embedded_broker_has_its_rules_and_is_polled_likewise()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var mail = builder.AddAzureServiceBus("messaging").RunAsEmbedded().AddServiceBusTopic("orders")
            .AddServiceBusSubscription("mail", "for-mail");
        mail.WithProperties(subscription => subscription.Rules.Add(
            new AzureServiceBusRule("letters") { CorrelationFilter = new() { Subject = "letter" } }));
        builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null).WithReference(mail)
            .AsEventJob(mail, job => job.ActivationMessageCount = 3);
        await using var app = await builder.BuildAsync();
        await app.StartAsync().WaitAsync(Eventually.DefaultDeadline);
        await using var client = new ServiceBusClient(await app.GetConnectionStringAsync("messaging"));
        await using var sender = client.CreateSender("orders");

        await sender.SendMessagesAsync([new("a") { Subject = "letter" }, new("b") { Subject = "parcel" }, new("c") { Subject = "letter" }]);
        var polled = await app.GetJob("worker").WaitForAsync(snapshot => snapshot.QueueLength > 0, Eventually.DefaultDeadline);

        Assert.Null(polled.Problem);
        Assert.Equal((2, 0, 0), (polled.QueueLength, polled.DeadLetters, polled.LastStart));
    }
}
