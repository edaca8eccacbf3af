using System.Text;
using System.Xml;
using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Management;

namespace KedaJobs.Tests.ServiceBus.Management;

public sealed class AtomReaderTests
{
    [Fact]
    public async Task Elements_where_a_value_belongs_are_refused_however_deep_they_are()
    {
        const int Depth = 20_000;
        var nested = string.Concat(Enumerable.Repeat("<a>", Depth)) + string.Concat(Enumerable.Repeat("</a>", Depth));

        var refused = await Assert.ThrowsAsync<EntryFormatException>(() => ReadAsync($"<LockDuration>{nested}</LockDuration>"));

        Assert.StartsWith("LockDuration:", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<LockDuration>1 minute</LockDuration>", "LockDuration")]
    [InlineData("<MaxDeliveryCount>3.5</MaxDeliveryCount>", "MaxDeliveryCount")]
    [InlineData("<RequiresSession>yes</RequiresSession>", "RequiresSession")]
    [InlineData("<Status>7</Status>", "Status")]
    [InlineData("<Status>1</Status>", "Status")]
    [InlineData("<EnableExpress>true</EnableExpress>", "EnableExpress")]
    [InlineData("<IsAnonymousAccessible>true</IsAnonymousAccessible>", "IsAnonymousAccessible")]
    [InlineData("<AuthorizationRules><AuthorizationRule><KeyName>k</KeyName></AuthorizationRule></AuthorizationRules>", "PrimaryKey")]
    [InlineData(
        "<AuthorizationRules><AuthorizationRule><KeyName>k</KeyName><PrimaryKey>p</PrimaryKey>"
            + "<Rights><AccessRights>All</AccessRights></Rights></AuthorizationRule></AuthorizationRules>",
        "All")]
    public async Task A_value_that_cannot_be_read_is_named(string description, string name) =>
        Assert.Contains(
            name, (await Assert.ThrowsAsync<EntryFormatException>(() => ReadAsync(description))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Entities_of_a_document_type_are_not_expanded() => await Assert.ThrowsAsync<XmlException>(() => ReadAsync(
        "<UserMetadata>&b;</UserMetadata>", "<!DOCTYPE a [<!ENTITY b 'bomb'>]>"));

    private static async Task<QueueOptions> ReadAsync(string description, string prologue = "")
    {
        var document = $"{prologue}<entry><content><QueueDescription>{description}</QueueDescription></content></entry>";
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(document));
        return QueueDescription.Read(await AtomReader.ReadAsync(body, CancellationToken.None), new QueueOptions { Name = "jobs" });
    }
}
