using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Publishing;

/// <summary>The module of a namespace as the compiler sees it: what Azure is told to create before what.</summary>
public class NamespaceModuleTests
{
    [BicepFact]
    public async Task Forward_targets_are_created_first()
    {
        var module = await ModuleAsync(messaging =>
        {
            messaging.AddServiceBusQueue("in", "shop.in").WithProperties(queue => queue.ForwardTo = "sb://shop.example/shop.jobs");
            messaging.AddServiceBusQueue("jobs", "shop.jobs").WithProperties(queue => queue.ForwardDeadLetteredMessagesTo = "Shop.Attic");
            messaging.AddServiceBusQueue("attic", "shop.attic");
            var news = messaging.AddServiceBusTopic("news", "shop.news");
            news.AddServiceBusSubscription("orders").WithProperties(
                subscription => (subscription.ForwardTo, subscription.ForwardDeadLetteredMessagesTo) = ("shop.jobs", "shop.attic"));
            news.AddServiceBusSubscription("echo").WithProperties(subscription => subscription.ForwardDeadLetteredMessagesTo = "shop.news");
        });

        Assert.Equal(
            [
                "shop.attic: messaging",
                "shop.in: messaging, shop.jobs",
                "shop.jobs: messaging, shop.attic",
                "shop.news/echo: shop.news",
                "shop.news/orders: shop.attic, shop.jobs, shop.news",
                "shop.news: messaging",
            ],
            Order(module));
    }

    /// <summary>In a namespace that exists, the entities may exist, too: then a circle can be deployed, and must compile.</summary>
    [BicepFact]
    public async Task Circle_in_a_namespace_that_exists_has_no_order()
    {
        var module = await ModuleAsync(messaging =>
        {
            messaging.PublishAsExisting(messaging.ApplicationBuilder.AddParameter("bus-name"), resourceGroupParameter: null);
            messaging.AddServiceBusQueue("jobs").WithProperties(queue => queue.ForwardDeadLetteredMessagesTo = "later");
            messaging.AddServiceBusQueue("later").WithProperties(queue => queue.ForwardTo = "jobs");
        });

        Assert.Equal(["jobs: later", "later:"], Order(module));
    }

    [BicepFact]
    public async Task Rules_of_one_name_stay_rules_of_their_subscriptions()
    {
        var module = await ModuleAsync(messaging =>
        {
            var news = messaging.AddServiceBusTopic("news");
            foreach (var name in (string[])["first", "second", "third"])
            {
                news.AddServiceBusSubscription(name).WithProperties(subscription =>
                    subscription.Rules.Add(new AzureServiceBusRule("first") { CorrelationFilter = { Subject = name } }));
            }
        });

        Assert.Equal(
            ["first/first: first", "second/first: second", "third/first: third"],
            ArmJson.Resources(module)
                .Where(resource => ((string)resource["type"]!).EndsWith("/rules", StringComparison.Ordinal))
                .Select(resource => $"{string.Join('/', Names((string)resource["name"]!).TakeLast(2))}: "
                    + $"{resource["properties"]!["correlationFilter"]!["label"]}"));
    }

    private static async Task<JsonObject> ModuleAsync(Action<IResourceBuilder<AzureServiceBusResource>> declare)
    {
        using var published = await Published.FromAsync(builder => declare(builder.AddAzureServiceBus("messaging").RunAsEmbedded()));
        return (await BicepCompiler.CompileAsync(published.Folder))["messaging.module"];
    }

    /// <summary>Each entity by its path, with what it waits for.</summary>
    private static IEnumerable<string> Order(JsonObject module) => ArmJson.Resources(module)
        .Where(resource => (string)resource["type"]! != "Microsoft.ServiceBus/namespaces")
        .Select(resource =>
            $"{Path(Names((string)resource["name"]!))}: {string.Join(", ", Dependencies(resource).Order(StringComparer.Ordinal))}"
                .TrimEnd())
        .Order(StringComparer.Ordinal);

    private static IEnumerable<string> Dependencies(JsonObject resource) => (resource["dependsOn"]?.AsArray() ?? [])
        .Select(dependency => ((string)dependency!).Replace("resourceId(", "format(", StringComparison.Ordinal))
        .Select(dependency => Names(dependency) is { Length: > 0 } names ? Path(names) : "messaging");

    private static string Path(string[] names) => string.Join('/', names);

    // "[format('{0}/{1}', take(...), 'jobs')]": the names are the literals that no function makes.
    private static string[] Names(string expression) =>
    [
        .. System.Text.RegularExpressions.Regex.Matches(expression, @", '([^']*)'(?=[,)])").Select(match => match.Groups[1].Value)
            .Where(name => !name.StartsWith("messaging-", StringComparison.Ordinal)
                && !name.StartsWith("Microsoft.", StringComparison.Ordinal)),
    ];
}
