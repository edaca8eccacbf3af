using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Xml;
using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Amqp;
using KedaJobs.ServiceBus.Amqp.Framing;
using KedaJobs.ServiceBus.Amqp.Protocol;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.ServiceBus.Entities.Topics.Rules;
using KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;
using KedaJobs.ServiceBus.Management;
using KedaJobs.ServiceBus.Security;
using KedaJobs.Tests.ServiceBus.Wire;
using Xunit.Abstractions;

namespace KedaJobs.Tests.ServiceBus.Fuzzing;

/// <summary>
/// More than a million malformed inputs for what reads bytes from outside. Each is either understood or refused with
/// the exception that its reader documents; what is understood can be delivered, changed and read again. Anything else
/// fails the test, with the seed and the input.
/// </summary>
[Collection(Alone.Name)]
public sealed class ReaderFuzzTests(ITestOutputHelper output)
{
    private const int MaxGrowth = 32 * 1024 * 1024;

    private static readonly DateTime Now = new(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static readonly AmqpContent Empty = AmqpContent.Parse(Array.Empty<byte>());

    private readonly TokenValidator _tokens = new(
        [SharedAccessRule.Default], name => name == "jobs" ? [new SharedAccessRule { Name = "own", Key = "key" }] : []);

    [Fact]
    public void A_million_malformed_inputs_are_refused_or_understood()
    {
        var seed = FuzzSeed.Choose(output);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (total, refused) = (0L, 0L);
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 2 }, part =>
        {
            var random = new Random(seed + part);
            var generator = new WireGenerator(random);
            var counts = (Total: 0, Refused: 0);
            Run(300_000 / 4, "values", () => Values(generator, random), ref counts);
            Run(400_000 / 4, "frames", () => Frames(generator), ref counts);
            Run(240_000 / 4, "messages", () => Messages(generator, random), ref counts);
            Run(60_000 / 4, "batches and requests", () => Requests(generator, random), ref counts);
            Run(40_000 / 4, "tokens and addresses", () => Tokens(random), ref counts);
            Run(20_000 / 4, "SASL", () => Sasl(generator, random), ref counts);
            Run(20_000 / 4, "entries", () => Entries(random), ref counts);
            Interlocked.Add(ref total, counts.Total);
            Interlocked.Add(ref refused, counts.Refused);
        });
        output.WriteLine($"{total} inputs, {refused} refused");
        Assert.True(total >= 1_000_000, $"only {total} inputs");
        Assert.InRange(refused, total / 5, total - (total / 5));
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(grown < MaxGrowth, $"{grown} bytes more than before");

        void Run(int count, string what, Action one, ref (int Total, int Refused) counts)
        {
            for (var index = 0; index < count; index++)
            {
                try
                {
                    one();
                }
                catch (Exception expected) when (expected is WireFormatException or ConnectionErrorException or EntryFormatException
                    or XmlException)
                {
                    counts.Refused++;
                }
                catch (Exception bug)
                {
                    throw new InvalidOperationException($"{what}, {FuzzSeed.Variable}={seed}: {bug.Message}", bug);
                }

                counts.Total++;
            }
        }
    }

    private static void Values(WireGenerator generator, Random random)
    {
        var bytes = random.Next(8) switch
        {
            0 => generator.Noise().Bytes,
            1 => generator.Nested(random.Next(200)).Bytes,
            _ => generator.Value().Bytes,
        };
        var reader = new WireReader(bytes);
        while (!reader.AtEnd)
        {
            reader.Skip();
        }
    }

    private static void Frames(WireGenerator generator)
    {
        var buffer = new ReadOnlySequence<byte>(generator.Frame().Bytes.ToArray());
        var frames = new FrameReader(65536);
        while (frames.TryRead(ref buffer, out _, out var body))
        {
            if (!body.IsEmpty)
            {
                Performative(body);
            }
        }
    }

    private static void Performative(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        switch (reader.ReadDescriptor())
        {
            case Descriptors.Open:
                Open.Read(ref reader);
                break;
            case Descriptors.Begin:
                Begin.Read(ref reader);
                break;
            case Descriptors.Attach:
                var attach = Attach.Read(ref reader);
                if (attach.Source is { Kind: Descriptors.Source } source)
                {
                    var again = new WireReader(source.WithFilters(new AmqpMap { ["x"] = 1 }));
                    Assert.Equal(1, Terminus.Read(ref again)!.Filter("x"));
                }

                break;
            case Descriptors.Flow:
                Flow.Read(ref reader);
                break;
            case Descriptors.Transfer:
                Transfer.Read(ref reader);
                break;
            case Descriptors.Disposition:
                var state = DispositionFrame.Read(ref reader).State;
                if (state.Entries is { } entries)
                {
                    // What a client gives as properties to modify must not be what an abandoned message fails on.
                    Empty.WithProperties(entries);
                }

                break;
            case Descriptors.Detach:
                Detach.Read(ref reader);
                break;
            default:
                reader.Skip();
                break;
        }

        Assert.InRange(reader.Position, 0, body.Length);
    }

    private static void Messages(WireGenerator generator, Random random)
    {
        var content = AmqpContent.Parse(generator.Message().Bytes.ToArray());
        Assert.NotEmpty(content.MessageId);
        Deliver(content, random);
        if (random.Next(2) == 0)
        {
            var changed = (AmqpContent)content.WithProperties([new("DeadLetterReason", "r"), new("number", 1L)]);
            Assert.Equal(content.MessageId, changed.MessageId);
            Assert.Equal(content.SessionId, changed.SessionId);
            Deliver(changed, random);
            Edit(changed, random);
        }
    }

    /// <summary>What rules do: read any property, and change some.</summary>
    private static void Edit(AmqpContent content, Random random)
    {
        var properties = new MessageProperties();
        properties.Begin(new BrokerMessage(content));
        foreach (var property in Enum.GetValues<SystemProperty>())
        {
            properties.Get(property);
        }

        Assert.True(properties.TryGet("NUMBER", out var number));
        Assert.Equal(1, number.Integer);
        Assert.False(properties.TryGet("no such property", out _));
        var edit = new MessageEdit(properties);
        edit.Set("number", SqlValue.Of(2L));
        edit.Remove("DeadLetterReason");
        edit.Set(SystemProperty.To, SqlValue.Of("there"));
        var edited = (AmqpContent)content.With(edit);
        Assert.True(edited.TryGetProperty("number", out number));
        Assert.Equal(2, number.Integer);
        Assert.False(edited.TryGetProperty("DeadLetterReason", out _));
        Assert.Equal("there", edited.GetText(SystemProperty.To));
        Assert.Equal(content.MessageId, edited.MessageId);
        Deliver(edited, random);
    }

    private static void Deliver(AmqpContent content, Random random)
    {
        var timeToLive = random.Next(3) switch
        {
            0 => TimeSpan.FromSeconds(1),
            1 => content.TimeToLive,
            _ => TimeSpan.MaxValue,
        };
        var expiresAt = Deadline.After(Now, timeToLive);
        var encoded = DeliveryEncoder.Encode(new MessageSnapshot
        {
            Content = content,
            SequenceNumber = random.NextInt64(),
            EnqueuedSequenceNumber = 1,
            EnqueuedTime = Now,
            ExpiresAt = expiresAt,
            DeliveryCount = random.Next(),
            State = MessageState.Active,
            LockToken = random.Next(2) == 0 ? new Guid(random.Next(), 1, 2, new byte[8]) : Guid.Empty,
            LockedUntil = random.Next(3) switch
            {
                0 => Now,
                1 => DateTime.MaxValue,
                _ => null,
            },
            DeadLetterSource = random.Next(2) == 0 ? new string('q', 260) : null,
        });
        var again = AmqpContent.Parse(encoded);
        Assert.Equal(content.MessageId, again.MessageId);
        Assert.Equal(content.SessionId, again.SessionId);
        Assert.Equal(content.AnnotationCount, again.AnnotationCount);
        if (expiresAt != DateTime.MaxValue && !content.HasExpiry)
        {
            Assert.True(again.HasExpiry, "The message doesn't say when it expires.");
            return;
        }

        Assert.Equal(content.BareLength, again.BareLength);
        Assert.True(timeToLive < content.TimeToLive || content.Bare.SequenceEqual(again.Bare), "What the sender wrote was changed.");
    }

    private static void Requests(WireGenerator generator, Random random)
    {
        var bytes = generator.Message().Bytes;
        if (random.Next(2) == 0)
        {
            BatchReader.Read(bytes.ToArray());
        }
        else
        {
            // What a client gives as properties to modify is decoded like this, and must not be what an abandoned message fails on.
            var properties = AmqpRequest.Decode(bytes).ApplicationProperties;
            Empty.WithProperties(properties.Select(entry => new KeyValuePair<string, object?>(entry.Key.ToString()!, entry.Value)));
        }
    }

    private void Tokens(Random random)
    {
        string[] pieces =
        [
            "SharedAccessSignature ", "sr=", "sb%3A%2F%2Flocalhost%2Fjobs", "&", "sig=", "AAAA", "se=", "4102444800",
            "99999999999999999999", "skn=",
            "RootManageSharedAccessKey", "own", "%", "%2", "%00", "/", "://", "?", "=", "\0", "ß", "jobs/$management",
        ];
        var text = new StringBuilder(
            random.Next(4) == 0 ? "" : "SharedAccessSignature sr=sb%3A%2F%2Flocalhost%2Fjobs&sig=AAAA&se=4102444800&skn=own");
        for (var count = random.Next(12); count > 0; count--)
        {
            text.Insert(random.Next(text.Length + 1), pieces[random.Next(pieces.Length)]);
        }

        Assert.Null(_tokens.Validate(text.ToString(), isLocal: true, Now, out var problem));
        Assert.NotEmpty(problem);
        var address = EntityAddress.Parse(text.ToString());
        Assert.StartsWith(address.Queue, address.Path, StringComparison.Ordinal);
    }

    private static void Sasl(WireGenerator generator, Random random)
    {
        var (input, output) = (new Pipe(), new Pipe());
        ReadOnlySpan<byte> header = random.Next(10) == 0 ? generator.Noise().Bytes : [.. "AMQP"u8, 3, 1, 0, 0];
        input.Writer.Write(header);
        input.Writer.Write(SaslInit(generator, random));
        input.Writer.Complete();
        var negotiation = SaslServer.NegotiateAsync(new Duplex(input.Reader, output.Writer), (_, _) => false, CancellationToken.None);
        Assert.True(negotiation.IsCompleted, "It waits, though the connection has ended.");
        negotiation.GetAwaiter().GetResult();
    }

    private static byte[] SaslInit(WireGenerator generator, Random random)
    {
        byte[] init = [0, 0, 0, 32, 2, 1, 0, 0, 0x00, 0x53, 0x41, 0xc0, 19, 2, 0xa3, 9, .. "ANONYMOUS"u8, 0xa0, 5, 0, 1, 0, 2, 0];
        init[random.Next(init.Length)] = (byte)random.Next(256);
        return random.Next(2) == 0 ? init : generator.Frame().Bytes.ToArray();
    }

    private static void Entries(Random random)
    {
        var what = random.GetItems(["Queue", "Queue", "Topic", "Subscription", "Rule"], 1)[0];
        string[] pieces =
        [
            "<entry>", "</entry>", "<content>", "</content>", "<QueueDescription>", "</QueueDescription>", "<LockDuration>",
            "</LockDuration>", "PT1M", "-P1D",
            "<MaxDeliveryCount>", "</MaxDeliveryCount>", "99999999999", "<Status>9</Status>", "<AuthorizationRules>",
            "</AuthorizationRules>", "<Rights>",
            "<ForwardTo>sb://x/%", "</ForwardTo>", "&amp;", "&#0;", "<!DOCTYPE a [<!ENTITY b 'c'>]>", "]]>", "\0", "<a/>", "true",
            "<Filter i:type='SqlFilter'>", "<Filter i:type='CorrelationFilter'>", "</Filter>", "<SqlExpression>a = @b</SqlExpression>",
            "<Label>x</Label>", "<Parameters>", "</Parameters>",
            "<KeyValueOfstringanyType><Key>b</Key><Value i:type='x:int'>7</Value></KeyValueOfstringanyType>", "<Value i:type='x:long'>",
            "</Value>", "<Action i:type='SqlRuleAction'>", "</Action>", "<DefaultRuleDescription>", "</DefaultRuleDescription>",
        ];
        var text = new StringBuilder(
            "<entry xmlns:i='http://www.w3.org/2001/XMLSchema-instance'><content>"
            + $"<{what}Description><LockDuration>PT1M</LockDuration></{what}Description></content></entry>");
        for (var count = random.Next(4); count > 0; count--)
        {
            text.Insert(random.Next(text.Length + 1), pieces[random.Next(pieces.Length)]);
        }

        using var body = new MemoryStream(Encoding.UTF8.GetBytes(text.ToString()));
        var description = AtomReader.ReadAsync(body, CancellationToken.None).GetAwaiter().GetResult();
        _ = what switch
        {
            "Queue" => QueueOptionsValidator.Validate(QueueDescription.Read(description, new QueueOptions { Name = "jobs" })).ToList(),
            "Topic" => TopicOptionsValidator.Validate(TopicDescription.Read(description, new TopicOptions { Name = "news" })).ToList(),
            "Subscription" => TopicOptionsValidator.Validate(
                new TopicOptions { Name = "news" }, SubscriptionDescription.Read(description, new SubscriptionOptions { Name = "s" }))
                .ToList(),
            _ => TopicOptionsValidator.Validate(RuleDescription.Read(description, new RuleOptions())).ToList(),
        };
    }
}
