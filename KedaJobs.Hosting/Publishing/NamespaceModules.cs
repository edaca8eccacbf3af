using Aspire.Hosting;
using Aspire.Hosting.Azure;
using Azure.Provisioning.Primitives;
using KedaJobs.Hosting.Broker;
using Microsoft.Extensions.DependencyInjection;

namespace KedaJobs.Hosting.Publishing;

/// <summary>What Aspire's modules of Service Bus namespaces need so that they can be deployed.</summary>
internal sealed class NamespaceModules
{
    /// <summary>
    /// Corrects the modules of all namespaces once the model is complete. Once, however many jobs and
    /// namespaces there are; nothing in run mode.
    /// </summary>
    public static void AddTo(IDistributedApplicationBuilder application)
    {
        if (application.ExecutionContext.IsRunMode || application.Services.Any(service => service.ServiceType == typeof(NamespaceModules)))
        {
            return;
        }

        application.Services.AddSingleton<NamespaceModules>();
        application.OnBeforeStart((started, _) =>
        {
            foreach (var bus in started.Model.Resources.OfType<AzureServiceBusResource>().ToList())
            {
                var entities = NamespaceEntities.Of(bus, started.Model.Resources).ToList();
                application.CreateResourceBuilder(bus).ConfigureInfrastructure(infrastructure =>
                {
                    NameRulesApart(infrastructure);
                    ForwardOrder.Apply(infrastructure, entities);
                });
            }

            return Task.CompletedTask;
        });
    }

    // Aspire makes a rule's identifier of its name alone, and rules of two subscriptions may have the same name.
    // Only the module itself uses identifiers.
    private static void NameRulesApart(AzureResourceInfrastructure infrastructure)
    {
        var resources = infrastructure.GetProvisionableResources().OfType<NamedProvisionableConstruct>().ToList();
        var taken = resources.Where(resource => !IsRule(resource)).Select(resource => resource.BicepIdentifier).ToHashSet();
        foreach (var rule in resources.Where(IsRule))
        {
            var name = rule.BicepIdentifier;
            for (var number = 2; !taken.Add(rule.BicepIdentifier); number++)
            {
                rule.BicepIdentifier = $"{name}_{number}";
            }
        }
    }

    private static bool IsRule(NamedProvisionableConstruct resource) =>
        resource is ProvisionableResource { ResourceType: var type }
        && type.ToString().EndsWith("/rules", StringComparison.OrdinalIgnoreCase);
}
