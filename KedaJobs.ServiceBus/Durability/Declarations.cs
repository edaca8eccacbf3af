using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.ServiceBus.Durability;

/// <summary>The records of what queues, topics and subscriptions are declared as.</summary>
internal static class Declarations
{
    public static int Write(RecordWriter writer, QueueEntity queue) => queue switch
    {
        { Topic: { } topic } =>
            Write(writer, RecordKind.Topic, queue, DeclarationsJsonContext.Default.TopicOptions, topic.Options with { Subscriptions = [] }),
        { Subscription: { } subscription } => Write(
            writer,
            RecordKind.Subscription,
            queue,
            DeclarationsJsonContext.Default.Subscription,
            new RestoredDeclaration.Subscription(
                subscription.Topic.Intake.Id,
                subscription.Options with { Rules = [] },
                [.. subscription.Rules.Rules.Select(rule => new RestoredRule(rule.Options, rule.CreatedAt))])),
        _ => Write(writer, RecordKind.Queue, queue, DeclarationsJsonContext.Default.QueueOptions, queue.Options),
    };

    /// <summary>Reads a declaration, from behind the times.</summary>
    /// <exception cref="RecordFormatException">It cannot be understood.</exception>
    public static RestoredDeclaration Read(RecordKind kind, ref RecordReader reader) => kind switch
    {
        RecordKind.Topic => new RestoredDeclaration.Topic(Read(ref reader, DeclarationsJsonContext.Default.TopicOptions)),
        RecordKind.Subscription => Read(ref reader, DeclarationsJsonContext.Default.Subscription),
        _ => new RestoredDeclaration.Queue(Read(ref reader, DeclarationsJsonContext.Default.QueueOptions)),
    };

    private static int Write<T>(RecordWriter writer, RecordKind kind, QueueEntity queue, JsonTypeInfo<T> type, T declaration)
    {
        var start = writer.BeginRecord(kind);
        writer.Time(queue.CreatedAt);
        writer.Time(queue.UpdatedAt);
        writer.Rest(JsonSerializer.SerializeToUtf8Bytes(declaration, type));
        return writer.EndRecord(start);
    }

    private static T Read<T>(ref RecordReader reader, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(reader.Rest(), type) ?? throw new RecordFormatException("A declaration is empty.");
        }
        catch (JsonException malformed)
        {
            throw new RecordFormatException($"A declaration cannot be read: {malformed.Message}", malformed);
        }
    }
}

/// <summary>Declarations as the log keeps them. A property that is added later is missing in older logs and gets its default.</summary>
[JsonSourceGenerationOptions(
    UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(RuleValueJsonConverter)])]
[JsonSerializable(typeof(QueueOptions))]
[JsonSerializable(typeof(TopicOptions))]
[JsonSerializable(typeof(RestoredDeclaration.Subscription))]
internal sealed partial class DeclarationsJsonContext : JsonSerializerContext;
