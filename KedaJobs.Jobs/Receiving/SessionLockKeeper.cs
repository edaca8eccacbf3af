using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Jobs.Receiving;

/// <summary>Keeps the lock of a session, and with it the locks of its messages, for as long as the session is held.</summary>
internal sealed class SessionLockKeeper : LockKeeper
{
    private readonly ServiceBusSessionReceiver _session;
    private readonly ILogger _logger;

    private SessionLockKeeper(ServiceBusSessionReceiver session, TimeProvider time, ILogger logger)
        : base(time) => (_session, _logger) = (session, logger);

    protected override DateTimeOffset LockedUntil => _session.SessionLockedUntil;

    public static SessionLockKeeper Start(ServiceBusSessionReceiver session, TimeProvider time, ILogger logger)
    {
        var keeper = new SessionLockKeeper(session, time, logger);
        keeper.Begin(TimeSpan.MaxValue);
        return keeper;
    }

    /// <summary>Whether this error of a session's receiver means that the session is held no longer.</summary>
    /// <remarks>The client closes the receiver of a session that is lost, or whose connection ended, and never opens it again.</remarks>
    public static bool IsLoss(ServiceBusSessionReceiver session, Exception error) =>
        error is ObjectDisposedException or ServiceBusException { Reason: ServiceBusFailureReason.SessionLockLost } || session.IsClosed;

    /// <summary>
    /// Begins to watch how long one message of the session takes. Its lock is the session's: there is nothing of its own to renew.
    /// </summary>
    /// <param name="atMost">How long it may take.</param>
    public LockKeeper ForMessage(TimeSpan atMost) => MessageOfSession.Start(this, atMost);

    protected override Task RenewLockAsync(CancellationToken cancellationToken) => _session.RenewSessionLockAsync(cancellationToken);

    protected override bool IsLoss(Exception error) => IsLoss(_session, error);

    protected override void LogRenewed() => _logger.SessionRenewed(_session.SessionId, _session.SessionLockedUntil);

    protected override void LogRenewalFailed(Exception error) => _logger.SessionRenewalFailed(error, _session.SessionId);

    private sealed class MessageOfSession(SessionLockKeeper session) : LockKeeper(session.Time)
    {
        private CancellationTokenRegistration _loss;

        public override bool IsLost => session.IsLost;

        // Never due: the first thing that happens is that the message's time is up.
        protected override DateTimeOffset LockedUntil => DateTimeOffset.MaxValue;

        public static MessageOfSession Start(SessionLockKeeper session, TimeSpan atMost)
        {
            var keeper = new MessageOfSession(session);
            keeper._loss = session.Ended.UnsafeRegister(static keeper => ((MessageOfSession)keeper!).End(), keeper);
            keeper.Begin(atMost);
            return keeper;
        }

        public override ValueTask DisposeAsync()
        {
            _loss.Unregister();
            return base.DisposeAsync();
        }

        protected override Task RenewLockAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        protected override bool IsLoss(Exception error) => false;

        protected override void LogRenewed()
        {
            // The session's keeper tells.
        }

        protected override void LogRenewalFailed(Exception error)
        {
            // The session's keeper tells.
        }
    }
}
