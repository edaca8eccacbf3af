using Amqp.Framing;
using Amqp.Listener;
using Amqp.Types;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>The attach of a receiver that asks for a session: named, or any free one.</summary>
internal sealed class SessionAttach(AttachContext context)
{
    private const string TimeoutProperty = "com.microsoft:timeout";
    private static readonly Symbol Filter = "com.microsoft:session-filter";
    private static readonly Symbol LockedUntil = "com.microsoft:locked-until-utc";
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(60);
    private int _isCompleted;

    public bool IsCompleted => Volatile.Read(ref _isCompleted) != 0;

    /// <summary>How long the client waits for a free session.</summary>
    public TimeSpan Patience =>
        context.Attach.Properties?[(Symbol)TimeoutProperty] is uint milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : DefaultPatience;

    /// <summary>Whether the attach asks for a session, and for which; null means any.</summary>
    public static bool IsRequested(Attach attach, out string? sessionId)
    {
        sessionId = null;
        if (attach.Source is not Source { FilterSet: { } filters } || !filters.ContainsKey(Filter))
        {
            return false;
        }

        var value = filters[Filter];
        sessionId = (value is DescribedValue described ? described.Value : value) as string;
        return true;
    }

    /// <summary>Answers with the session that was given: its id in the filter, and until when it is locked in .NET ticks.</summary>
    public void Complete(LinkConsumer consumer, string sessionId, DateTime lockedUntil)
    {
        if (Interlocked.Exchange(ref _isCompleted, 1) != 0)
        {
            return;
        }

        var attach = context.Attach;
        ((Source)attach.Source).FilterSet[Filter] = sessionId;
        attach.Properties ??= [];
        attach.Properties[LockedUntil] = lockedUntil.Ticks;
        consumer.CompleteAttach(context);
    }

    public void Refuse(Error error)
    {
        if (Interlocked.Exchange(ref _isCompleted, 1) == 0)
        {
            context.Complete(error);
        }
    }
}
