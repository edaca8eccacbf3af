using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Tests.Support;
using static KedaJobs.Tests.Hosting.Publishing.Definitions.Defined;

namespace KedaJobs.Tests.Hosting.Publishing.Definitions;

/// <summary>What becomes of namespaces, queues, topics and connections in a definition.</summary>
public class EntityDefinitionTests
{
    [Fact]
    public async Task Every_connection_name_is_taken_over()
    {
        var definition = await DefineAsync((builder, messaging) =>
        {
            var jobs = messaging.AddServiceBusQueue("jobs");
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null)
                .WithReference(jobs).WithReference(jobs, "other").WithReference(jobs, "third").AsEventJob(jobs);
        });

        AssertSame(
            [new() { Name = "jobs", ConnectionName = "jobs", FurtherConnectionNames = ["other", "third"], Access =
            [
                EntityAccess.Receive
            ] }],
            definition.Queues);
    }

    [Fact]
    public async Task Rules_of_a_subscription_are_taken_over()
    {
        var definition = await DefineAsync((builder, messaging) =>
        {
            var mail = messaging.AddServiceBusTopic("orders").AddServiceBusSubscription("mail").WithProperties(subscription =>
            {
                subscription.Rules.Add(new("all-of-it")
                {
                    CorrelationFilter = new()
                    {
                        CorrelationId = "c",
                        MessageId = "m",
                        SendTo = "t",
                        ReplyTo = "r",
                        Subject = "s",
                        SessionId = "i",
                        ReplyToSessionId = "p",
                        ContentType = "x",
                        RequiresPreprocessing = true,
                        Properties = { ["color"] = "red" },
                    },
                });
                subscription.Rules.Add(new("urgent") { CorrelationFilter = new() { Subject = "urgent" } });
            });
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null).WithReference(mail).AsEventJob(mail);
        });

        AssertSame(
            [
                new()
                {
                    Name = "all-of-it",
                    CorrelationFilter = new()
                    {
                        CorrelationId = "c",
                        MessageId = "m",
                        To = "t",
                        ReplyTo = "r",
                        Subject = "s",
                        SessionId = "i",
                        ReplyToSessionId = "p",
                        ContentType = "x",
                        RequiresPreprocessing = true,
                        Properties = new Dictionary<string, string> { ["color"] = "red" },
                    },
                },
                new() { Name = "urgent", CorrelationFilter = new() { Subject = "urgent" } },
            ],
            definition.Topics[0].Subscriptions[0].Rules!);
    }

    [Fact]
    public async Task What_forwards_to_the_trigger_is_part_of_the_job_but_not_what_shares_its_dead_letters()
    {
        var definition = await DefineAsync((builder, messaging) =>
        {
            var jobs = messaging.AddServiceBusQueue("jobs").WithProperties(queue => queue.ForwardDeadLetteredMessagesTo = "attic");
            messaging.AddServiceBusQueue("attic");
            messaging.AddServiceBusQueue("door").WithProperties(queue => queue.ForwardTo = "hall");
            messaging.AddServiceBusQueue("hall").WithProperties(queue => queue.ForwardTo = "sb://messaging.servicebus.windows.net/JOBS");
            messaging.AddServiceBusQueue("somebody-elses").WithProperties(queue => queue.ForwardDeadLetteredMessagesTo = "attic");
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null).WithReference(jobs).AsEventJob(jobs);
        });

        Assert.Equal(["jobs", "attic", "door", "hall"], definition.Queues.Select(queue => queue.Name));
        Assert.Equal("JOBS", definition.Queues[3].ForwardTo);
    }

    [Fact]
    public async Task Existing_namespace_is_named_with_text_and_with_parameters()
    {
        var text = await DefineAsync((builder, messaging) => Existing(builder, messaging.PublishAsExisting("shop-bus", "shop-group")));
        var parameters = await DefineAsync((builder, messaging) =>
            Existing(builder, messaging.AsExisting(builder.AddParameter("bus"), resourceGroupParameter: null)));
        var local = await DefineAsync((builder, messaging) => Existing(builder, messaging.RunAsExistingNamespace()));

        Assert.Equal(new("shop-bus", "shop-group"), text.Namespace!.Existing);
        Assert.Equal(new(new([new TextPart.Parameter("bus")])), parameters.Namespace!.Existing);

        // It is about this machine only: published, the namespace is created.
        Assert.Null(local.Namespace!.Existing);

        static void Existing(IDistributedApplicationBuilder builder, IResourceBuilder<AzureServiceBusResource> messaging)
        {
            var jobs = messaging.AddServiceBusQueue("jobs");
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null).WithReference(jobs).AsEventJob(jobs);
        }
    }
}
