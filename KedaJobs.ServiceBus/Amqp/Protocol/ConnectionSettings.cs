namespace KedaJobs.ServiceBus.Amqp.Protocol;

/// <summary>What every connection tells its client.</summary>
/// <param name="ContainerId">The broker's name.</param>
/// <param name="MaxFrameSize">The largest frame, in bytes.</param>
/// <param name="ChannelMax">The highest channel.</param>
/// <param name="IdleTimeout">How long a client may be silent before it is taken for dead; it is told half of it.</param>
/// <param name="MaxMessageSize">The largest message that any entity takes, in bytes.</param>
/// <param name="Clock">What silence is measured by.</param>
internal sealed record ConnectionSettings(
    string ContainerId, uint MaxFrameSize, ushort ChannelMax, TimeSpan IdleTimeout, Func<long> MaxMessageSize, TimeProvider Clock)
{
    /// <summary>What all messages under way on one connection may take together, beside one of the largest size, in bytes.</summary>
    public const long MaxPartialBytes = 64 * 1024 * 1024;
}
