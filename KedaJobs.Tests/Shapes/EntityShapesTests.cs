using System.Net.Http.Headers;
using System.Reflection;
using System.Text;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Hosting.Broker;
using KedaJobs.Scaling.Definitions;
using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Management;
using KedaJobs.Tests.ServiceBus.Security;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Shapes;

/// <summary>
/// A property of a queue, topic or subscription exists in several shapes: Aspire's resource, the broker's options, the management API's
/// description, the record on disk and the job definition. Each property is followed through all of them, so that one that is added to the
/// first and forgotten in another fails here.
/// </summary>
public sealed class EntityShapesTests
{
    private static readonly string[] KeptElsewhere =
        [nameof(QueueOptions.Name), nameof(TopicOptions.Subscriptions), nameof(SubscriptionOptions.Rules)];

    /// <summary>Every property with a value that is not its default, one at a time: some exclude each other.</summary>
    public static TheoryData<string, string> Properties() => Names(new object[] { Queue, Topic, Subscription }
        .SelectMany(options => Settable(options).Select(property => (options.GetType(), property))));

    public static TheoryData<string, string> DeclaredProperties() => Names(Declared.SelectMany(type => type.GetProperties()
        .Where(property => property.CanWrite)
        .Where(property => Nullable.GetUnderlyingType(property.PropertyType) is not null || IsForward(property))
        .Select(property => (type, property))));

    private static TheoryData<string, string> Names(IEnumerable<(Type Type, PropertyInfo Property)> properties)
    {
        var data = new TheoryData<string, string>();
        foreach (var (type, property) in properties)
        {
            data.Add(type.Name, property.Name);
        }

        return data;
    }

    private static IReadOnlyList<Type> Declared { get; } =
        [typeof(AzureServiceBusQueueResource), typeof(AzureServiceBusTopicResource), typeof(AzureServiceBusSubscriptionResource)];

    private static QueueOptions Queue => new() { Name = "q" };

    private static TopicOptions Topic => new() { Name = "t" };

    private static SubscriptionOptions Subscription => new() { Name = "s" };

    [Theory]
    [MemberData(nameof(Properties))]
    public async Task Property_is_described_by_the_management_API_and_comes_back_from_disk(string type, string name)
    {
        object options = type switch { nameof(QueueOptions) => Queue, nameof(TopicOptions) => Topic, _ => Subscription };
        var property = options.GetType().GetProperty(name)!;
        property.SetValue(options, Different(property.GetValue(options), property.PropertyType));
        using var folder = new TemporaryFolder("shapes");
        var declared = new BrokerOptions
        {
            DataDirectory = folder.FullName,
            Queues = [new QueueOptions { Name = "target" }, options as QueueOptions ?? Queue],
            Topics = [(options as TopicOptions ?? Topic) with { Subscriptions = [options as SubscriptionOptions ?? Subscription] }],
        };
        await using (var broker = await ServiceBusBroker.StartAsync(declared))
        {
            AssertSame(property, options, await DescribedAsync(broker, options));
        }

        await using (var broker = await ServiceBusBroker.StartAsync(new BrokerOptions { DataDirectory = folder.FullName }))
        {
            AssertSame(property, options, await DescribedAsync(broker, options));
        }
    }

    [Theory]
    [MemberData(nameof(DeclaredProperties))]
    public void Property_of_Aspires_resource_reaches_the_broker(string type, string name)
    {
        var builder = TestBuilder();
        var bus = builder.AddAzureServiceBus("bus");
        var queue = bus.AddServiceBusQueue("q").Resource;
        var topic = bus.AddServiceBusTopic("t");
        var subscription = topic.AddServiceBusSubscription("s").Resource;
        IResource resource = type switch
        {
            nameof(AzureServiceBusQueueResource) => queue,
            nameof(AzureServiceBusTopicResource) => topic.Resource,
            _ => subscription,
        };
        var property = resource.GetType().GetProperty(name)!;
        var before = Option(name);
        property.SetValue(resource, Different(before, Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType));

        Assert.NotEqual(before, Option(name));
        Assert.Equal(property.GetValue(resource), Option(name));

        object? Option(string property)
        {
            var model = new DistributedApplicationModel(builder.Resources);
            object options = type switch
            {
                nameof(AzureServiceBusQueueResource) => EntityDeclarations.Queues(bus.Resource, model).Single(),
                nameof(AzureServiceBusTopicResource) => EntityDeclarations.Topics(bus.Resource, model).Single(),
                _ => EntityDeclarations.Topics(bus.Resource, model).Single().Subscriptions.Single(),
            };
            return options.GetType().GetProperty(property)!.GetValue(options);
        }
    }

    [Theory]
    [MemberData(nameof(DeclaredProperties))]
    public void Property_of_Aspires_resource_has_a_field_in_the_job_definition(string type, string name)
    {
        var definition = type switch
        {
            nameof(AzureServiceBusQueueResource) => typeof(QueueDefinition),
            nameof(AzureServiceBusTopicResource) => typeof(TopicDefinition),
            _ => typeof(SubscriptionDefinition),
        };
        Assert.Contains(definition.GetProperties(), property => property.Name == name || property.Name == $"{name}Seconds");
    }

    public static TheoryData<string> FilterProperties() => [.. typeof(AzureServiceBusCorrelationFilter).GetProperties()
        .Where(property => property.PropertyType == typeof(string)).Select(property => property.Name)];

    [Theory]
    [MemberData(nameof(FilterProperties))]
    public void Property_of_a_correlation_filter_reaches_the_broker_and_has_a_field_in_the_job_definition(string name)
    {
        // Aspire avoids the name of a member of its base class.
        var elsewhere = name == nameof(AzureServiceBusCorrelationFilter.SendTo) ? nameof(CorrelationFilter.To) : name;
        var builder = TestBuilder();
        var bus = builder.AddAzureServiceBus("bus");
        var rule = new AzureServiceBusRule("rule");
        typeof(AzureServiceBusCorrelationFilter).GetProperty(name)!.SetValue(rule.CorrelationFilter, "value");
        bus.AddServiceBusTopic("t").AddServiceBusSubscription("s").WithProperties(subscription => subscription.Rules.Add(rule));

        var filter = EntityDeclarations.Topics(bus.Resource, new DistributedApplicationModel(builder.Resources))
            .Single().Subscriptions.Single().Rules.Single().Filter;

        Assert.Equal("value", typeof(CorrelationFilter).GetProperty(elsewhere)!.GetValue(filter));
        Assert.NotNull(typeof(CorrelationFilterDefinition).GetProperty(elsewhere));
    }

    private static IDistributedApplicationBuilder TestBuilder() =>
        DistributedApplication.CreateBuilder(new DistributedApplicationOptions { DisableDashboard = true });

    private static IEnumerable<PropertyInfo> Settable(object options) => options.GetType().GetProperties()
        .Where(property => property.CanWrite && !KeptElsewhere.Contains(property.Name));

    private static bool IsForward(PropertyInfo property) => property.Name.StartsWith("Forward", StringComparison.Ordinal);

    private static object Different(object? value, Type type) => value switch
    {
        bool flag => !flag,
        int number => number * 2,
        TimeSpan duration => duration == QueueOptions.Unlimited ? TimeSpan.FromHours(7) : duration * 2,
        EntityStatus => EntityStatus.Disabled,
        null when type == typeof(string) => "target",
        IReadOnlyList<SharedAccessRule> => new[] { new SharedAccessRule { Name = "own", Key = "own-key" } },
        _ => throw new NotSupportedException($"Give a value for {type}."),
    };

    private static async Task<object> DescribedAsync(ServiceBusBroker broker, object options)
    {
        var path = options switch { QueueOptions => "q", TopicOptions => "t", _ => "t/Subscriptions/s" };
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://localhost:{broker.Port}/{path}");
        request.Headers.Authorization = AuthenticationHeaderValue.Parse(
            Sas.Sign(
                "http://localhost/", SharedAccessRule.DefaultName, SharedAccessRule.DefaultKey, TimeProvider.System.GetUtcNow()
                    .AddHours(1)));
        using var response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(await response.Content.ReadAsStringAsync()));
        var description = await AtomReader.ReadAsync(body, CancellationToken.None);
        return options switch
        {
            QueueOptions => QueueDescription.Read(description, Queue),
            TopicOptions => TopicDescription.Read(description, Topic),
            _ => SubscriptionDescription.Read(description, Subscription),
        };
    }

    private static void AssertSame(PropertyInfo property, object expected, object actual)
    {
        var (given, described) = (property.GetValue(expected), property.GetValue(actual));
        if (IsForward(property))
        {
            // The management API names a target by its address.
            described = new Uri((string)described!).AbsolutePath.Trim('/');
        }

        Assert.Equal(given, described);
    }
}
