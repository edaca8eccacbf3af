using System.Runtime.Versioning;
using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Durability;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.ServiceBus.Durability;

public sealed class SegmentDirectoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("log");

    private string Data => _folder.At("new", "data");

    [Fact]
    public void Segments_are_files_that_grow_shrink_and_go()
    {
        using var store = SegmentDirectory.Open(Data);
        using (var file = store.Create(7))
        {
            file.Append([1, 2, 3]);
            file.Append([4]);
            file.Flush();
        }

        store.Create(12).Dispose();
        File.WriteAllText(Path.Combine(Data, "notes.log"), "of somebody else");
        Assert.Equal([7L, 12], store.List());
        Assert.Equal(4, store.LengthOf(7));
        store.Truncate(7, 2);
        var read = new byte[2];
        store.Read(7, read);
        Assert.Equal([1, 2], read);
        store.Delete(7);
        Assert.Equal([12L], store.List());
    }

    [Fact]
    public void A_directory_belongs_to_one_broker_at_a_time()
    {
        using (SegmentDirectory.Open(Data))
        {
            var refused = Assert.Throws<BrokerStartException>(() => SegmentDirectory.Open(Data));
            Assert.StartsWith(
                $"The data directory '{Data}' is in use by another broker: stop that one, or choose another directory.", refused.Message,
                StringComparison.Ordinal);
        }

        SegmentDirectory.Open(Data).Dispose();
    }

    [Fact]
    public void What_is_no_directory_is_refused()
    {
        var file = _folder.At("file");
        File.WriteAllText(file, "");
        var refused = Assert.Throws<BrokerStartException>(() => SegmentDirectory.Open(file));
        Assert.Contains("cannot be created", refused.Message, StringComparison.Ordinal);
    }

    [UnixFact, UnsupportedOSPlatform("windows")]
    public void Only_its_owner_may_look_into_it()
    {
        SegmentDirectory.Open(Data).Dispose();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Data));
    }

    public void Dispose() => _folder.Dispose();
}
