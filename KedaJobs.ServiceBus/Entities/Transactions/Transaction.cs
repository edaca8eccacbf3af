namespace KedaJobs.ServiceBus.Entities.Transactions;

/// <summary>How far a transaction has come.</summary>
internal enum TransactionState : byte
{
    Active,
    Committed,
    RolledBack,

    /// <summary>It was open for too long, and is rolled back.</summary>
    TimedOut,
}

/// <summary>
/// What a client wants done as a whole or not at all. Until it is committed nothing of it can be seen, but for the locks of the messages
/// that it is to settle, which nobody else can use.
/// </summary>
internal sealed class Transaction
{
    /// <summary>Service Bus's limit (Microsoft Learn: "Service Bus quotas").</summary>
    public const int MaxMessages = 100;

    /// <summary>What is kept of a transaction that is not committed yet, in bytes.</summary>
    public const long MaxBytes = 256L * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly List<TransactionOperation> _operations = [];
    private TransactionState _state = TransactionState.Active;
    private int _messages;
    private long _bytes;

    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>The queue or topic that all operations are about, once there is one; of a transaction over several, null.</summary>
    public string? TopLevelEntity { get; set; }

    public TransactionState State
    {
        get
        {
            lock (_gate)
            {
                return _state;
            }
        }
    }

    public IReadOnlyList<TransactionOperation> Operations => _operations;

    /// <summary>Whether so many messages more, of so many bytes, would be too much.</summary>
    public bool HasRoomFor(int messages, long bytes)
    {
        lock (_gate)
        {
            return _messages + messages <= MaxMessages && _bytes + bytes <= MaxBytes;
        }
    }

    /// <summary>Adds an operation.</summary>
    /// <returns>False if the transaction is over.</returns>
    public bool TryAdd(TransactionOperation operation)
    {
        lock (_gate)
        {
            if (_state != TransactionState.Active)
            {
                return false;
            }

            _operations.Add(operation);
            _messages += operation.Messages;
            _bytes += operation.Bytes;
            return true;
        }
    }

    /// <summary>Ends the transaction: from now on it takes no more operations.</summary>
    /// <returns>False if it has ended before.</returns>
    public bool TryEnd(TransactionState state)
    {
        lock (_gate)
        {
            if (_state != TransactionState.Active)
            {
                return false;
            }

            _state = state;
            return true;
        }
    }

    /// <summary>It could not be committed.</summary>
    public void Fail()
    {
        lock (_gate)
        {
            _state = TransactionState.RolledBack;
        }
    }

    /// <summary>Gives up what a transaction that is rolled back held.</summary>
    public void Release(DateTime now)
    {
        foreach (var operation in _operations)
        {
            operation.Release(this, now);
        }
    }
}
