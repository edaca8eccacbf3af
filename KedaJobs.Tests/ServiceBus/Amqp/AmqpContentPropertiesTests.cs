using Amqp;
using Amqp.Framing;
using Amqp.Types;
using KedaJobs.ServiceBus.Amqp;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.ServiceBus.Entities.Topics.Rules;
using KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

namespace KedaJobs.Tests.ServiceBus.Amqp;

/// <summary>What rules read out of encoded messages, and what their actions make of these.</summary>
public sealed class AmqpContentPropertiesTests
{
    public static TheoryData<object?, string> Values() => new()
    {
        { "text", "Text text" },
        { new string('x', 300), $"Text {new string('x', 300)}" },
        { (Symbol)"symbol", "Text symbol" },
        { 'c', "Text c" },
        { true, "Boolean True" },
        { (sbyte)-1, "Integer -1" },
        { (short)-300, "Integer -300" },
        { -5, "Integer -5" },
        { -70_000, "Integer -70000" },
        { -6L, "Integer -6" },
        { long.MinValue, "Integer -9223372036854775808" },
        { (byte)255, "Integer 255" },
        { (ushort)65535, "Integer 65535" },
        { 0u, "Integer 0" },
        { uint.MaxValue, "Integer 4294967295" },
        { 7ul, "Integer 7" },
        { ulong.MaxValue, "Real 1.8446744073709552E+19" },
        { 2.5f, "Real 2.5" },
        { 2.25, "Real 2.25" },
        { new DateTime(2030, 1, 2, 3, 4, 5, DateTimeKind.Utc), "Time 2030-01-02T03:04:05.0000000Z" },
        { new Guid("00112233-4455-6677-8899-aabbccddeeff"), "Id 00112233-4455-6677-8899-aabbccddeeff" },
        { new DescribedValue((Symbol)"com.microsoft:timespan", TimeSpan.FromHours(1).Ticks), "Duration 01:00:00" },
        {
            new DescribedValue((Symbol)"com.microsoft:datetime-offset", new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks),
            "Time 2030-01-01T00:00:00.0000000Z"
        },
        { new DescribedValue((Symbol)"com.microsoft:uri", "http://a/"), "Text http://a/" },
        { new DescribedValue((Symbol)"other", 1), "Other" },
        { new byte[] { 1, 2 }, "Other" },
        { null, "Unknown" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void An_application_property_has_a_value(object? value, string expected)
    {
        var content = Content(new Message("body")
        {
            ApplicationProperties = new ApplicationProperties { ["before"] = 1, ["Name"] = value, ["after"] = "x" },
        });
        Assert.True(content.TryGetProperty("nAME", out var found));
        Assert.Equal(expected, found.Kind is SqlKind.Other or SqlKind.Unknown ? found.Kind.ToString() : $"{found.Kind} {found.ToText()}");
        Assert.True(content.TryGetProperty("after", out var after));
        Assert.Equal("x", after.Text);
        Assert.False(content.TryGetProperty("missing", out _));
    }

    [Fact]
    public void A_message_without_properties_has_none()
    {
        var content = Content(new Message("body"));
        Assert.False(content.TryGetProperty("x", out _));
        Assert.Null(content.GetText(SystemProperty.To));
        Assert.Null(content.GetText(SystemProperty.PartitionKey));
    }

    [Fact]
    public void System_properties_are_those_of_the_sender()
    {
        var content = Content(Full());
        Assert.Equal(
            ["text/plain", "c1", "subject", "m1", "reply", "rs", "s1", "to", "pk", "via"],
            Enumerable.Range(0, 10).Select(index => content.GetText((SystemProperty)index)));
    }

    [Fact]
    public void Ids_of_other_types_are_read_as_text()
    {
        var message = new Message("body") { Properties = new Properties() };
        message.Properties.SetMessageId(17ul);
        message.Properties.SetCorrelationId(new Guid("00112233-4455-6677-8899-aabbccddeeff"));
        var content = Content(message);
        Assert.Equal("17", content.GetText(SystemProperty.MessageId));
        Assert.Equal("00112233-4455-6677-8899-aabbccddeeff", content.GetText(SystemProperty.CorrelationId));
    }

    [Fact]
    public void An_edit_changes_what_it_names_and_leaves_the_rest_as_it_was_sent()
    {
        var edited = Edit(Full(), edit =>
        {
            edit.Set("COLOR", SqlValue.Of("blue"));
            edit.Set("added", SqlValue.Of(TimeSpan.FromSeconds(1)));
            edit.Remove("quantity");
            edit.Remove("missing");
            edit.Set(SystemProperty.Label, SqlValue.Of("new"));
            edit.Set(SystemProperty.ContentType, SqlValue.Of("a/b"));
            edit.Set(SystemProperty.CorrelationId, SqlValue.Unknown);
        });
        Assert.Equal("blue", edited.ApplicationProperties["color"]);
        Assert.Equal(TimeSpan.FromSeconds(1).Ticks, ((DescribedValue)edited.ApplicationProperties["added"]).Value);
        Assert.Equal(
            ["added", "color", "kept"], edited.ApplicationProperties.Map.Keys.Select(key => (string)key).Order(StringComparer.Ordinal));
        Assert.Equal(
            ("new", "a/b", null, "to", "s1"), (
                edited.Properties.Subject,
                (string)edited.Properties.ContentType,
                edited.Properties.CorrelationId,
                edited.Properties.To,
                edited.Properties.GroupId));
        Assert.Equal("body", edited.Body);
        Assert.Equal("pk", edited.MessageAnnotations[(Symbol)"x-opt-partition-key"]);
        Assert.Equal(5u, edited.Properties.GroupSequence);
    }

    public static TheoryData<object, object> Replaced() => new()
    {
        { 10, 5 },
        { (short)10, (short)5 },
        { (byte)10, (byte)5 },
        { 10L, 5L },
        { 10ul, 5ul },
        { 10.0, 5.0 },
        { 10f, 5f },
        { "10", 5L },
    };

    [Theory]
    [MemberData(nameof(Replaced))]
    public void A_number_keeps_the_type_that_the_sender_gave_it(object before, object after)
    {
        var message = new Message("body") { ApplicationProperties = new ApplicationProperties { ["n"] = before } };
        Assert.Equal(after, Edit(message, edit => edit.Set("n", SqlValue.Of(5L))).ApplicationProperties["n"]);
    }

    [Fact]
    public void A_number_that_does_not_fit_becomes_wider()
    {
        var message = new Message("body") { ApplicationProperties = new ApplicationProperties { ["n"] = (byte)10 } };
        Assert.Equal(-1L, Edit(message, edit => edit.Set("n", SqlValue.Of(-1L))).ApplicationProperties["n"]);
    }

    [Fact]
    public void A_message_without_sections_can_be_edited()
    {
        var edited = Edit(new Message("body"), edit =>
        {
            edit.Set("n", SqlValue.Of(1L));
            edit.Set(SystemProperty.To, SqlValue.Of("there"));
        });
        Assert.Equal((1L, "there", "body"), (edited.ApplicationProperties["n"], edited.Properties.To, edited.Body));
    }

    private static Message Full() => new("body")
    {
        Properties = new Properties
        {
            MessageId = "m1",
            To = "to",
            Subject = "subject",
            ReplyTo = "reply",
            CorrelationId = "c1",
            ContentType = "text/plain",
            GroupId = "s1",
            GroupSequence = 5,
            ReplyToGroupId = "rs",
        },
        MessageAnnotations = new MessageAnnotations { [(Symbol)"x-opt-partition-key"] = "pk", [(Symbol)"x-opt-via-partition-key"] = "via" },
        ApplicationProperties = new ApplicationProperties { ["color"] = "red", ["quantity"] = 1, ["kept"] = 2.5 },
    };

    private static AmqpContent Content(Message message)
    {
        var buffer = message.Encode();
        return AmqpContent.Parse(buffer.Buffer.AsMemory(buffer.Offset, buffer.Length).ToArray());
    }

    private static Message Edit(Message message, Action<MessageEdit> change)
    {
        var content = Content(message);
        var properties = new MessageProperties();
        properties.Begin(new BrokerMessage(content));
        var edit = new MessageEdit(properties);
        change(edit);
        var edited = content.With(edit).Encoded.ToArray();
        return Message.Decode(new ByteBuffer(edited, 0, edited.Length, edited.Length));
    }
}
