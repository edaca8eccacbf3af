using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;

namespace KedaJobs.Tests.Offline;

public class AzureServiceBusResourceTests
{
    private const string Emulated = "Endpoint=sb://localhost:5681;SharedAccessKeyName=RootManageSharedAccessKey;"
        + "SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;";

    [Fact]
    public async Task A_namespace_with_a_late_emulator_makes_its_connection_strings_itself()
    {
        var messaging = Builder().AddAzureServiceBus("messaging");
        var jobs = messaging.AddServiceBusQueue("jobs", "jobs-queue");
        var subscription = messaging.AddServiceBusTopic("events").AddServiceBusSubscription("mine");

        BecomeEmulator(messaging.Resource);

        Assert.True(messaging.Resource.IsEmulator);
        Assert.Equal(Emulated, await Text(messaging.Resource.ConnectionStringExpression));
        Assert.Equal($"{Emulated};EntityPath=jobs-queue", await Text(jobs.Resource.ConnectionStringExpression));
        Assert.Equal($"{Emulated};EntityPath=events/Subscriptions/mine", await Text(subscription.Resource.ConnectionStringExpression));
    }

    [Fact]
    public async Task A_queue_with_a_late_emulator_tells_where_it_is()
    {
        var messaging = Builder().AddAzureServiceBus("messaging");
        var jobs = messaging.AddServiceBusQueue("jobs");

        BecomeEmulator(messaging.Resource);

        Assert.Equal(
            [
                ("Host", "localhost"),
                ("Port", "5681"),
                ("Uri", "sb://localhost:5681"),
                ("ConnectionString", Emulated),
                ("QueueName", "jobs"),
            ],
            await Properties(jobs.Resource));
    }

    [Fact]
    public void A_namespace_in_azure_is_known_by_its_outputs()
    {
        var messaging = Builder().AddAzureServiceBus("messaging");
        IResourceWithConnectionString jobs = messaging.AddServiceBusQueue("jobs").Resource;

        Assert.False(messaging.Resource.IsEmulator);
        Assert.Equal("{messaging.outputs.serviceBusEndpoint}", messaging.Resource.ConnectionStringExpression.ValueExpression);
        Assert.Equal("Endpoint={messaging.outputs.serviceBusEndpoint};EntityPath=jobs", jobs.ConnectionStringExpression.ValueExpression);
        Assert.Equal(
            [
                ("Host", "{messaging.outputs.serviceBusHostName}"),
                ("Uri", "{messaging.outputs.serviceBusEndpoint}"),
                ("QueueName", "jobs"),
            ],
            jobs.GetConnectionProperties().Select(property => (property.Key, property.Value.ValueExpression)));
    }

    [Fact]
    public async Task Whoever_asks_for_an_output_waits_for_the_provisioning()
    {
        var messaging = Builder().AddAzureServiceBus("messaging").Resource;
        messaging.ProvisioningTaskCompletionSource = new TaskCompletionSource();

        var value = messaging.ServiceBusEndpoint.GetValueAsync().AsTask();
        Assert.False(value.IsCompleted);
        messaging.Outputs["serviceBusEndpoint"] = "sb://somewhere";
        messaging.ProvisioningTaskCompletionSource.SetResult();

        Assert.Equal("sb://somewhere", await value);
    }

    [Fact]
    public async Task An_output_that_the_module_did_not_give_is_an_error()
    {
        var messaging = Builder().AddAzureServiceBus("messaging").Resource;

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => messaging.ServiceBusEndpoint.GetValueAsync().AsTask());

        Assert.Equal("No output for serviceBusEndpoint on resource messaging", error.Message);
    }

    [Fact]
    public void Whoever_refers_to_a_namespace_gets_data_owner_unless_told_otherwise()
    {
        var messaging = Builder().AddAzureServiceBus("messaging").Resource;

        var role = Assert.Single(messaging.Annotations.OfType<DefaultRoleAssignmentsAnnotation>().Single().Roles);

        Assert.Equal(new RoleDefinition("090c5cfd-751d-490a-894a-3ce6f1109419", "AzureServiceBusDataOwner"), role);
    }

    [Fact]
    public void The_module_holds_only_what_was_set()
    {
        var messaging = Builder().AddAzureServiceBus("messaging");
        messaging.AddServiceBusQueue("jobs").WithProperties(queue =>
        {
            queue.MaxDeliveryCount = 5;
            queue.LockDuration = TimeSpan.FromMinutes(1);
        });
        messaging.AddServiceBusQueue("results", "done").WithProperties(queue => queue.RequiresDuplicateDetection = true);
        messaging.AddServiceBusTopic("events").AddServiceBusSubscription("mine");

        Assert.Equal(
            """
            @description('The location for the resource(s) to be deployed.')
            param location string = resourceGroup().location

            param sku string = 'Standard'

            resource messaging 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
              name: take('messaging-${uniqueString(resourceGroup().id)}', 50)
              location: location
              properties: {
                disableLocalAuth: true
                publicNetworkAccess: 'Enabled'
              }
              sku: {
                name: sku
              }
              tags: {
                'aspire-resource-name': 'messaging'
              }
            }

            resource jobs 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = {
              name: 'jobs'
              properties: {
                lockDuration: 'PT1M'
                maxDeliveryCount: 5
              }
              parent: messaging
            }

            resource results 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = {
              name: 'done'
              properties: {
                requiresDuplicateDetection: true
              }
              parent: messaging
            }

            resource events 'Microsoft.ServiceBus/namespaces/topics@2024-01-01' = {
              name: 'events'
              parent: messaging
            }

            resource mine 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2024-01-01' = {
              name: 'mine'
              parent: events
            }

            output serviceBusEndpoint string = messaging.properties.serviceBusEndpoint

            output serviceBusHostName string = split(replace(messaging.properties.serviceBusEndpoint, 'https://', ''), ':')[0]

            output name string = messaging.name

            output id string = messaging.id
            """, messaging.Resource.GetBicepTemplateString());
    }

    [Fact]
    public void Every_entity_is_shown_as_mail()
    {
        var messaging = Builder().AddAzureServiceBus("messaging");
        var topic = messaging.AddServiceBusTopic("events");

        Assert.Equal(
            ["MailMultiple", "Mail", "Mail", "Mail"],
            new IResource[]
            {
                messaging.Resource, messaging.AddServiceBusQueue("jobs").Resource, topic.Resource,
                topic.AddServiceBusSubscription("mine").Resource
            }
                .Select(resource => resource.Annotations.OfType<ResourceIconAnnotation>().Single().IconName));
    }

    [Fact]
    public void The_properties_of_a_filter_come_in_order()
    {
        var messaging = Builder().AddAzureServiceBus("messaging");
        messaging.AddServiceBusTopic("events").AddServiceBusSubscription("mine").WithProperties(subscription =>
            subscription.Rules.Add(new AzureServiceBusRule("all")
            {
                CorrelationFilter = new()
                {
                    RequiresPreprocessing = true,
                    ContentType = "a",
                    ReplyToSessionId = "b",
                    SessionId = "c",
                    Subject = "d",
                    ReplyTo = "e",
                    SendTo = "f",
                    MessageId = "g",
                    CorrelationId = "h",
                    Properties = { ["color"] = "red" },
                },
            }));

        Assert.Contains(
            """
                correlationFilter: {
                  properties: {
                    color: 'red'
                  }
                  correlationId: 'h'
                  messageId: 'g'
                  to: 'f'
                  replyTo: 'e'
                  label: 'd'
                  sessionId: 'c'
                  replyToSessionId: 'b'
                  contentType: 'a'
                  requiresPreprocessing: true
                }
            """, messaging.Resource.GetBicepTemplateString());
    }

    [Fact]
    public void Empty_names_are_refused()
    {
        var messaging = Builder().AddAzureServiceBus("messaging");
        var topic = messaging.AddServiceBusTopic("events");
        var queue = messaging.AddServiceBusQueue("jobs");
        var subscription = topic.AddServiceBusSubscription("mine");
        var rule = new AzureServiceBusRule("big");
        var nothing = "";

        foreach (var refused in (Action[])
            [
                () => messaging.AddServiceBusQueue("other", ""), () => messaging.AddServiceBusTopic("other", ""),
                () => topic.AddServiceBusSubscription("other", ""), () => _ = new AzureServiceBusRule(""),
                () => queue.Resource.QueueName = "", () => topic.Resource.TopicName = "",
                () => subscription.Resource.SubscriptionName = "", () => rule.Name = "",
                () => messaging.AddServiceBusQueue(nothing), () => messaging.AddServiceBusTopic(nothing),
                () => topic.AddServiceBusSubscription(nothing),
            ])
        {
            Assert.Throws<ArgumentException>(refused);
        }

        Assert.Equal(("jobs", "events", "mine", "big"),
            (queue.Resource.QueueName, topic.Resource.TopicName, subscription.Resource.SubscriptionName, rule.Name));
    }

    [Fact]
    public void An_existing_namespace_is_only_referred_to()
    {
        var builder = Builder("--operation", "publish");
        var name = builder.AddParameter("busName");
        var group = builder.AddParameter("busGroup");
        var messaging = builder.AddAzureServiceBus("messaging").AsExisting(name, group);

        var text = messaging.Resource.GetBicepTemplateString();

        Assert.Contains(
            """
            param busName string

            resource messaging 'Microsoft.ServiceBus/namespaces@2024-01-01' existing = {
              name: busName
            }
            """, text);
        Assert.DoesNotContain("sku", text);
        Assert.Same(group.Resource, messaging.Resource.Scope?.ResourceGroup);
    }

    [Fact]
    public void Changes_of_the_infrastructure_come_last()
    {
        var messaging = Builder().AddAzureServiceBus("messaging").ConfigureInfrastructure(infrastructure =>
            infrastructure.GetProvisionableResources().OfType<Azure.Provisioning.ServiceBus.ServiceBusNamespace>()
                .Single().DisableLocalAuth = false);

        Assert.Contains("disableLocalAuth: false", messaging.Resource.GetBicepTemplateString());
    }

    /// <summary>
    /// What a broker in the AppHost's own process does: an endpoint of its own, then the mark of a container that never runs.
    /// </summary>
    private static void BecomeEmulator(AzureServiceBusResource messaging)
    {
        var endpoint = new EndpointAnnotation(ProtocolType.Tcp, name: "emulator", port: 5681, isProxied: false);
        endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", 5681);
        messaging.Annotations.Add(endpoint);
        messaging.Annotations.Add(new ContainerImageAnnotation { Image = "none", Tag = "none" });
    }

    private static IDistributedApplicationBuilder Builder(params string[] arguments) => DistributedApplication.CreateBuilder(
        new DistributedApplicationOptions
        {
            Args = arguments,
            DisableDashboard = true,
            AssemblyName = typeof(AzureServiceBusResourceTests).Assembly.FullName,
        });

    private static async Task<string?> Text(ReferenceExpression expression) => await expression.GetValueAsync(CancellationToken.None);

    private static async Task<IEnumerable<(string, string?)>> Properties(IResourceWithConnectionString resource)
    {
        var values = new List<(string, string?)>();
        foreach (var (key, value) in resource.GetConnectionProperties())
        {
            values.Add((key, await Text(value)));
        }

        return values;
    }
}
