using Amqp;
using KedaJobs.ServiceBus.Amqp;

namespace KedaJobs.Tests.ServiceBus.Amqp;

public sealed class PartialMessagesTests
{
    private const int Head = 24;
    private const long MaxMessageSize = 1000;

    private readonly PartialMessages _messages = new(() => MaxMessageSize);

    [Fact]
    public void A_message_that_is_too_large_goes_on_without_its_payload()
    {
        Assert.Equal([Head + 600, Head + 600, Head, Head], new[] { true, true, true, false }.Select(more => Accept(1, id: 1, more, Head + 600)));

        // The next one on the link is as good as any.
        Assert.Equal(Head + 600, Accept(1, id: 2, more: false, Head + 600));
    }

    [Fact]
    public void Links_are_told_apart()
    {
        Accept(1, id: 1, more: true, Head + 600);
        Accept(2, id: 2, more: true, Head + 600);

        Assert.Equal(Head + 600, Accept(1, id: null, more: true, Head + 600));
        Assert.Equal(Head, Accept(1, id: 1, more: false, Head + 600));
        Assert.Equal(Head + 600, Accept(2, id: 2, more: false, Head + 600));
    }

    [Fact]
    public void A_delivery_cannot_be_aborted() =>
        Assert.Equal("amqp:not-implemented", Refused(() => _messages.Accept(new TransferHead(1, 1, false, Aborted: true, Head), Head)));

    [Fact]
    public void A_delivery_begins_when_the_one_before_it_is_complete()
    {
        Accept(1, id: 1, more: true, Head + 10);

        Assert.Equal("amqp:session:errant-link", Refused(() => Accept(1, id: 2, more: true, Head + 10)));
    }

    [Fact]
    public void A_delivery_begins_with_its_id() => Assert.Equal("amqp:session:errant-link", Refused(() => Accept(1, id: null, more: false, Head + 10)));

    [Theory]
    [InlineData("00000011 02000000 005316 c0 04 02 5201 41", 0x16)]
    [InlineData("0000000c 02000000 005317 45", 0x17)]
    public void A_handle_can_be_used_again_after_its_link_or_session_ended(string frame, ulong performative)
    {
        Accept(1, id: 1, more: true, Head + 10);

        _messages.OnFrame(performative, Convert.FromHexString(frame.Replace(" ", "", StringComparison.Ordinal)));

        Assert.Equal(Head + 10, Accept(1, id: 2, more: false, Head + 10));
    }

    [Fact]
    public void All_messages_under_way_have_a_limit_together()
    {
        const int Size = 1000;
        for (var link = 0u; link < PartialMessages.MaxTotal / Size; link++)
        {
            Accept(link, id: link, more: true, Head + Size);
        }

        Assert.Equal("amqp:resource-limit-exceeded", Refused(() =>
        {
            Accept(1_000_000, id: 1, more: true, Head + Size);
            Accept(1_000_001, id: 1, more: true, Head + Size);
        }));
    }

    [Theory]
    [InlineData("0053 14")]
    [InlineData("0080 0000000000000014")]
    [InlineData("00a3 12 616d71703a7472616e736665723a6c697374")]
    public void A_transfer_is_known_by_any_descriptor_and_behind_a_tag_of_any_length(string descriptor)
    {
        byte[] tag = [0xa0, 200, .. new byte[200]];
        byte[] fields = [0x52, 5, 0x52, 9, .. tag, 0x43, 0x41, 0x41];
        byte[] body = [.. Convert.FromHexString(descriptor.Replace(" ", "", StringComparison.Ordinal)), 0xc0, (byte)(fields.Length + 1), 6, .. fields];
        byte[] frame = [0, 0, 0, 0, 2, 0, 0, 3, .. body, 1, 2, 3];

        Assert.True(TransferHead.TryRead(frame, out var transfer));
        Assert.Equal(new TransferHead((3UL << 32) | 5, 9, More: true, Aborted: false, frame.Length - 3), transfer);
        Assert.False(TransferHead.TryRead(frame.AsSpan(0, 100), out _));
    }

    private int Accept(ulong link, uint? id, bool more, int size) => _messages.Accept(new TransferHead(link, id, more, false, Head), size);

    private static string Refused(Action action) => Assert.Throws<AmqpException>(action).Error.Condition;
}
