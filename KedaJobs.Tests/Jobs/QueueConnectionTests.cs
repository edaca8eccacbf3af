using KedaJobs.Jobs;
using KedaJobs.Jobs.Hosting;
using Microsoft.Extensions.Configuration;

namespace KedaJobs.Tests.Jobs;

public class QueueConnectionTests
{
    // What the portal, Aspire in run mode and Aspire in publish mode write.
    [Theory]
    [InlineData(
        "Endpoint=sb://a.b/;SharedAccessKeyName=n;SharedAccessKey=k=;EntityPath=jobs",
        "Endpoint=sb://a.b/;SharedAccessKeyName=n;SharedAccessKey=k=", true, "jobs", null)]
    [InlineData("Endpoint=sb://localhost:1;SharedAccessKeyName=n;SharedAccessKey=k;UseDevelopmentEmulator=true;EntityPath=jobs",
        "Endpoint=sb://localhost:1;SharedAccessKeyName=n;SharedAccessKey=k;UseDevelopmentEmulator=true", true, "jobs", null)]
    [InlineData("Endpoint=https://shop.servicebus.windows.net:443/;EntityPath=jobs", "shop.servicebus.windows.net", false, "jobs", null)]
    [InlineData(
        "Endpoint=sb://shop.servicebus.windows.net/;entitypath=orders/Subscriptions/mail", "shop.servicebus.windows.net", false, "orders",
        "mail")]
    [InlineData("shop.servicebus.windows.net", "shop.servicebus.windows.net", false, null, null)]
    [InlineData(
        "Endpoint=sb://a.b/;SharedAccessKeyName=n;SharedAccessKey=k", "Endpoint=sb://a.b/;SharedAccessKeyName=n;SharedAccessKey=k", true,
        null, null)]
    public void ReadsEveryForm(string text, string address, bool hasKey, string? entity, string? subscription) =>
        Assert.Equal(new QueueConnection(address, hasKey, entity, subscription), QueueConnection.Parse(text));

    [Fact]
    public void What_is_no_connection_string_is_named()
    {
        var refusal = Assert.Throws<QueueJobConfigurationException>(
            () => QueueConnection.Parse("SharedAccessKeyName=n")
                .CreateClient("jobs", new Azure.Messaging.ServiceBus.ServiceBusClientOptions()));

        Assert.StartsWith("The connection string 'jobs' cannot be used: ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_come_from_the_section_and_code_has_the_last_word()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["QueueJob:Concurrency"] = "8",
            ["QueueJob:RetryDelay"] = "00:00:07",
            ["QueueJob:DuplicateDetection"] = "false",
            ["QueueJob:MaxAttempts"] = "3",
        }).Build();

        var options = QueueJobExtensions.ReadOptions(configuration, options => options.MaxAttempts = 4);

        Assert.Equal(
            (8, TimeSpan.FromSeconds(7), false, 4),
            (options.Concurrency, options.RetryDelay, options.DuplicateDetection, options.MaxAttempts));
    }
}
