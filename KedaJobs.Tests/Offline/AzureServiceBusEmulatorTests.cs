using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace KedaJobs.Tests.Offline;

/// <summary>The official emulator as the model declares it. There is no container engine here to run it.</summary>
public class AzureServiceBusEmulatorTests
{
    [Fact]
    public async Task The_emulator_is_a_container_beside_the_one_of_its_database()
    {
        var builder = Builder();
        var messaging = builder.AddAzureServiceBus("messaging").RunAsEmulator();

        Assert.True(messaging.Resource.IsEmulator);
        Assert.True(messaging.Resource.IsEmulator());
        Assert.Equal("mcr.microsoft.com/azure-messaging/servicebus-emulator:2.0.0", Image(messaging.Resource));
        Assert.Equal([("emulator", 5672), ("emulatorhealth", 5300)],
            messaging.Resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint => (endpoint.Name, endpoint.TargetPort!.Value)));
        var database = Assert.Single(builder.Resources, resource => resource.Name == "messaging-mssql");
        Assert.Equal("mcr.microsoft.com/mssql/server:2022-latest", Image(database));

        var (own, other) = (await Environment(messaging.Resource), await Environment(database));
        Assert.Equal(("Y", "messaging-mssql:1433"), (own["ACCEPT_EULA"], own["SQL_SERVER"]));
        Assert.Same(own["MSSQL_SA_PASSWORD"], other["MSSQL_SA_PASSWORD"]);
        Assert.True(Assert.IsType<ParameterResource>(own["MSSQL_SA_PASSWORD"]).Secret);
        Assert.Throws<InvalidOperationException>(() => messaging.RunAsEmulator());
    }

    [Fact]
    public async Task Its_file_holds_what_was_set_of_the_entities_until_it_starts()
    {
        var messaging = Builder().AddAzureServiceBus("messaging").RunAsEmulator();
        messaging.AddServiceBusQueue("jobs", "all-jobs").WithProperties(queue =>
        {
            queue.LockDuration = TimeSpan.FromMinutes(1);
            queue.MaxDeliveryCount = 5;
            queue.RequiresSession = false;
            queue.ForwardDeadLetteredMessagesTo = "attic";
        });
        messaging.AddServiceBusTopic("events").AddServiceBusSubscription("mine").WithProperties(subscription =>
            subscription.Rules.Add(new AzureServiceBusRule("big")
            {
                CorrelationFilter = new() { Subject = "order", SendTo = "shop", Properties = { ["size"] = "big" } },
            }));

        var callback = messaging.Resource.Annotations.OfType<ContainerFileSystemCallbackAnnotation>().Single();
        var file = Assert.IsType<ContainerFile>(Assert.Single(await callback.Callback(
            new ContainerFileSystemCallbackContext
            {
                Model = messaging.Resource,
                Services = new ServiceCollection().BuildServiceProvider(),
            },
            CancellationToken.None)));

        Assert.Equal(("/ServiceBus_Emulator/ConfigFiles", "Config.json"), (callback.DestinationPath, file.Name));
        ArmJson.AssertSame("""
            {
              "UserConfig": {
                "Namespaces": [
                  {
                    "Name": "messaging",
                    "Queues": [
                      {
                        "Name": "all-jobs",
                        "Properties": {
                          "ForwardDeadLetteredMessagesTo": "attic", "LockDuration": "PT1M", "MaxDeliveryCount": 5, "RequiresSession": false
                        }
                      }
                    ],
                    "Topics": [
                      {
                        "Name": "events",
                        "Properties": {},
                        "Subscriptions": [
                          {
                            "Name": "mine",
                            "Properties": {},
                            "Rules": [
                              {
                                "Name": "big",
                                "Properties": {
                                  "FilterType": "Correlation",
                                  "CorrelationFilter": { "Properties": { "size": "big" }, "To": "shop", "Label": "order" }
                                }
                              }
                            ]
                          }
                        ]
                      }
                    ]
                  }
                ],
                "Logging": { "Type": "File" }
              }
            }
            """, System.Text.Json.Nodes.JsonNode.Parse(file.Contents!));
    }

    private static string? Image(IResource resource) => resource.TryGetContainerImageName(out var name) ? name : null;

    private static async Task<Dictionary<string, object>> Environment(IResource resource)
    {
        var context = new EnvironmentCallbackContext(
            new DistributedApplicationExecutionContext(DistributedApplicationOperation.Run), resource);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
        {
            await annotation.Callback(context);
        }

        return context.EnvironmentVariables;
    }

    private static IDistributedApplicationBuilder Builder() => DistributedApplication.CreateBuilder(
        new DistributedApplicationOptions
        {
            DisableDashboard = true,
            AssemblyName = typeof(AzureServiceBusEmulatorTests).Assembly.FullName,
        });
}
