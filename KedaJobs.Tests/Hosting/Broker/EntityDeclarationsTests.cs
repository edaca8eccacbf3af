using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Hosting;
using KedaJobs.Hosting.Broker;
using KedaJobs.ServiceBus;

namespace KedaJobs.Tests.Hosting.Broker;

/// <summary>What is declared in Aspire's words, in the embedded broker's.</summary>
public class EntityDeclarationsTests
{
    private readonly IDistributedApplicationBuilder _builder = DistributedApplication.CreateBuilder();

    [Fact]
    public void Queue_takes_what_is_declared_and_the_defaults_of_the_rest()
    {
        var bus = _builder.AddAzureServiceBus("messaging");
        bus.AddServiceBusQueue("plain", "the-queue");
        bus.AddServiceBusQueue("jobs").WithProperties(queue =>
        {
            queue.LockDuration = TimeSpan.FromSeconds(30);
            queue.MaxDeliveryCount = 3;
            queue.DefaultMessageTimeToLive = TimeSpan.FromHours(1);
            queue.DeadLetteringOnMessageExpiration = true;
            queue.RequiresDuplicateDetection = true;
            queue.DuplicateDetectionHistoryTimeWindow = TimeSpan.FromMinutes(1);
            queue.RequiresSession = true;
            queue.ForwardTo = "next";
            queue.ForwardDeadLetteredMessagesTo = "dead";
        });

        Assert.Equal(
            [
                new QueueOptions { Name = "the-queue" },
                new QueueOptions
                {
                    Name = "jobs",
                    LockDuration = TimeSpan.FromSeconds(30),
                    MaxDeliveryCount = 3,
                    DefaultMessageTimeToLive = TimeSpan.FromHours(1),
                    DeadLetteringOnMessageExpiration = true,
                    RequiresDuplicateDetection = true,
                    DuplicateDetectionHistoryTimeWindow = TimeSpan.FromMinutes(1),
                    RequiresSession = true,
                    ForwardTo = "next",
                    ForwardDeadLetteredMessagesTo = "dead",
                },
            ],
            EntityDeclarations.Queues(bus.Resource, Model)
                .Select(queue => queue with { AuthorizationRules = new QueueOptions { Name = "x" }.AuthorizationRules }));
    }

    [Fact]
    public void Topic_has_its_subscriptions_but_not_those_of_others()
    {
        var bus = _builder.AddAzureServiceBus("messaging");
        var orders = bus.AddServiceBusTopic("orders", "all-orders").WithProperties(topic =>
        {
            topic.DefaultMessageTimeToLive = TimeSpan.FromHours(1);
            topic.RequiresDuplicateDetection = true;
            topic.DuplicateDetectionHistoryTimeWindow = TimeSpan.FromMinutes(1);
        });
        orders.AddServiceBusSubscription("plain");
        orders.AddServiceBusSubscription("mail", "for-mail").WithProperties(subscription =>
        {
            subscription.LockDuration = TimeSpan.FromSeconds(30);
            subscription.MaxDeliveryCount = 3;
            subscription.DefaultMessageTimeToLive = TimeSpan.FromMinutes(1);
            subscription.DeadLetteringOnMessageExpiration = true;
            subscription.RequiresSession = true;
            subscription.ForwardTo = "next";
            subscription.ForwardDeadLetteredMessagesTo = "dead";
        });
        bus.AddServiceBusTopic("news").AddServiceBusSubscription("reader");
        _builder.AddAzureServiceBus("other").AddServiceBusTopic("else");

        var topics = EntityDeclarations.Topics(bus.Resource, Model);

        Assert.Equal(
            ["all-orders: plain for-mail", "news: reader"],
            topics.Select(topic => $"{topic.Name}: {string.Join(' ', topic.Subscriptions.Select(one => one.Name))}"));
        Assert.Equal(
            (TimeSpan.FromHours(1), true, TimeSpan.FromMinutes(1)),
            (topics[0].DefaultMessageTimeToLive, topics[0].RequiresDuplicateDetection, topics[0].DuplicateDetectionHistoryTimeWindow));
        var rules = Assert.Single(topics[0].Subscriptions[0].Rules);
        Assert.Equal((RuleOptions.DefaultName, new TrueFilter()), (rules.Name, rules.Filter));
        Assert.Equal(
            new SubscriptionOptions
            {
                Name = "for-mail",
                LockDuration = TimeSpan.FromSeconds(30),
                MaxDeliveryCount = 3,
                DefaultMessageTimeToLive = TimeSpan.FromMinutes(1),
                DeadLetteringOnMessageExpiration = true,
                RequiresSession = true,
                ForwardTo = "next",
                ForwardDeadLetteredMessagesTo = "dead",
                Rules = topics[0].Subscriptions[1].Rules,
            },
            topics[0].Subscriptions[1]);
    }

    [Fact]
    public void Rules_are_correlation_filters()
    {
        var bus = _builder.AddAzureServiceBus("messaging");
        var properties = new Dictionary<string, object> { ["size"] = 5 };
        bus.AddServiceBusTopic("orders").AddServiceBusSubscription("mail")
            .WithProperties(subscription => subscription.Rules.Add(new AzureServiceBusRule("letters")
            {
                CorrelationFilter = new AzureServiceBusCorrelationFilter
                {
                    CorrelationId = "1",
                    MessageId = "2",
                    SendTo = "3",
                    ReplyTo = "4",
                    Subject = "5",
                    SessionId = "6",
                    ReplyToSessionId = "7",
                    ContentType = "8",
                    Properties = properties,
                },
            }));

        var rule = Assert.Single(EntityDeclarations.Topics(bus.Resource, Model)[0].Subscriptions[0].Rules);

        Assert.Equal("letters", rule.Name);
        Assert.Equal(
            new CorrelationFilter
            {
                CorrelationId = "1",
                MessageId = "2",
                To = "3",
                ReplyTo = "4",
                Subject = "5",
                SessionId = "6",
                ReplyToSessionId = "7",
                ContentType = "8",
                Properties = properties,
            },
            rule.Filter);
    }

    [Fact]
    public void Rule_without_an_expression_says_what_to_do_instead()
    {
        var bus = _builder.AddAzureServiceBus("messaging");
        bus.AddServiceBusTopic("orders").AddServiceBusSubscription("mail").WithProperties(
            subscription => subscription.Rules.Add(new AzureServiceBusRule("odd") { FilterType = AzureServiceBusFilterType.SqlFilter }));

        var refusal = Assert.Throws<JobDeclarationException>(() => EntityDeclarations.Topics(bus.Resource, Model));

        Assert.StartsWith("Rule 'odd' of subscription 'mail' is a SQL filter", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("ServiceBusAdministrationClient", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bounced", null)]
    [InlineData("Bounced", null)]
    [InlineData("nowhere", "'jobs': ForwardDeadLetteredMessagesTo: there is no queue or topic 'nowhere'.")]
    public async Task Forwarding_target_must_be_declared_before_or_after_its_source(string target, string? problem)
    {
        var bus = _builder.AddAzureServiceBus("messaging");
        bus.AddServiceBusQueue("jobs").WithProperties(queue => queue.ForwardDeadLetteredMessagesTo = target);
        bus.AddServiceBusTopic("orders").AddServiceBusSubscription("all").WithProperties(subscription => subscription.ForwardTo = "jobs");
        bus.AddServiceBusQueue("bounced").WithProperties(queue => queue.ForwardTo = "orders");
        var options = new BrokerOptions
        {
            Queues = EntityDeclarations.Queues(bus.Resource, Model),
            Topics = EntityDeclarations.Topics(bus.Resource, Model),
        };

        var refused = await Record.ExceptionAsync(async () => await (await ServiceBusBroker.StartAsync(options)).DisposeAsync());

        if (problem is null)
        {
            Assert.Null(refused);
        }
        else
        {
            Assert.StartsWith(problem, Assert.IsType<BrokerStartException>(refused).Message, StringComparison.Ordinal);
        }
    }

    private DistributedApplicationModel Model => new(_builder.Resources);
}
