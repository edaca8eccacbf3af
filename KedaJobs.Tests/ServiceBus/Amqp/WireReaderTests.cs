using KedaJobs.ServiceBus.Amqp;

namespace KedaJobs.Tests.ServiceBus.Amqp;

public sealed class WireReaderTests
{
    [Fact]
    public void Elements_without_bytes_are_counted_over_all_arrays()
    {
        // Each array has 1000 elements in 10 bytes: a frame of them would decode to a thousand times its size.
        byte[] array = [0xf0, 0, 0, 0, 5, 0, 0, 0x03, 0xe8, 0x45];

        Skip([0xc0, 11, 1, .. array]);

        Assert.Throws<WireFormatException>(() => Skip([0xc0, 21, 2, .. array, .. array]));
    }

    [Fact]
    public void Nesting_is_bounded()
    {
        Skip([.. Enumerable.Repeat<byte[]>([0x00, 0x53, 0x77], 30).SelectMany(head => head), 0x40]);

        Assert.Throws<WireFormatException>(
            () => Skip([.. Enumerable.Repeat<byte[]>([0x00, 0x53, 0x77], 20_000).SelectMany(head => head), 0x40]));
    }

    [Theory]
    [InlineData("c1 03 01 a10161")]
    [InlineData("c0 ff 01 40")]
    [InlineData("d0 00000004 ffffffff")]
    [InlineData("d0 ffffffff 00000001 40")]
    [InlineData("b0 7fffffff 00")]
    [InlineData("e0 03 ff 50 00")]
    [InlineData("13")]
    [InlineData("00 53")]
    public void Sizes_and_counts_that_do_not_fit_are_refused(string hex) =>
        Assert.Throws<WireFormatException>(() => Skip(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))));

    private static void Skip(byte[] bytes)
    {
        var reader = new WireReader(bytes);
        reader.Skip();
        Assert.True(reader.AtEnd);
    }
}
