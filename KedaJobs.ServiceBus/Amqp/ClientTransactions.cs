using KedaJobs.ServiceBus.Amqp.Framing;
using KedaJobs.ServiceBus.Amqp.Protocol;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.ServiceBus.Entities.Transactions;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>The transactions of one connection. Used on its read loop, but for the time-outs.</summary>
internal sealed class ClientTransactions(BrokerServices services) : IDisposable
{
    /// <summary>How long a transaction may be open (Microsoft Learn: "Overview of Service Bus transaction processing").</summary>
    public static readonly TimeSpan TimeOut = TimeSpan.FromMinutes(2);

    /// <summary>How many transactions a connection may have open at a time.</summary>
    private const int MaxOpen = 1000;

    private readonly Dictionary<Guid, Entry> _transactions = [];

    /// <summary>Begins a transaction for a coordinator link.</summary>
    /// <returns>The transaction; null if there are too many.</returns>
    public Transaction? Declare(IncomingLink coordinator)
    {
        if (_transactions.Count >= MaxOpen)
        {
            return null;
        }

        var transaction = new Transaction();
        var declaredAt = services.Telemetry.TransactionDeclared();
        var timer = services.Time.CreateTimer(_ => OnTimeOut(transaction, declaredAt), null, TimeOut, Timeout.InfiniteTimeSpan);
        _transactions.Add(transaction.Id, new Entry(transaction, coordinator, timer, declaredAt));
        return transaction;
    }

    /// <summary>Finds a transaction that operations can be added to.</summary>
    /// <param name="id">Its id, as the client gives it.</param>
    /// <param name="error">Why there is none.</param>
    public Transaction? Find(byte[] id, out Error? error)
    {
        error = null;
        if (id.Length != 16 || !_transactions.TryGetValue(new Guid(id), out var entry))
        {
            error = Errors.UnknownTransaction();
            return null;
        }

        if (entry.Transaction.State == TransactionState.TimedOut)
        {
            error = Errors.TransactionTimedOut(TimeOut);
            return null;
        }

        return entry.Transaction;
    }

    /// <summary>Ends a transaction.</summary>
    /// <param name="id">Its id, as the client gives it.</param>
    /// <param name="fails">Whether it is to be rolled back.</param>
    /// <returns>Why it did not come to that end, or null.</returns>
    public Error? Discharge(byte[] id, bool fails)
    {
        if (id.Length != 16 || !_transactions.Remove(new Guid(id), out var entry))
        {
            return Errors.UnknownTransaction();
        }

        entry.Timer.Dispose();
        var transaction = entry.Transaction;
        if (fails)
        {
            if (services.Catalog.Rollback(transaction))
            {
                Ended(entry, "client");
            }

            return null;
        }

        if (transaction.State == TransactionState.TimedOut)
        {
            return Errors.TransactionTimedOut(TimeOut);
        }

        if (services.Catalog.Commit(transaction, out var problem))
        {
            Ended(entry, null);
            return null;
        }

        Ended(entry, "conflict");
        return Errors.RolledBack(problem!);
    }

    /// <summary>A coordinator link has ended: what it declared and nobody discharged is rolled back.</summary>
    public void OnEnded(IncomingLink coordinator)
    {
        foreach (var (id, entry) in _transactions)
        {
            if (entry.Coordinator == coordinator)
            {
                _transactions.Remove(id);
                RollBack(entry);
            }
        }
    }

    /// <summary>
    /// Makes an operation's entity part of a transaction. All operations must be about one queue or topic; only where the links are on the
    /// session of the coordinator, messages may be sent to others too, all through the first (Microsoft Learn: "Transfers and send via").
    /// </summary>
    /// <returns>Why it cannot be, or null.</returns>
    public Error? Admit(Transaction transaction, QueueEntity entity, AmqpSession session, bool isSend)
    {
        var name = entity.TopLevelName;
        var isGrouped = _transactions[transaction.Id].Coordinator.Session == session;
        if (isGrouped && (isSend || IsSame(session.FirstEntity ?? name, name)))
        {
            return null;
        }

        if (isGrouped || (transaction.TopLevelEntity is { } first && !IsSame(first, name)))
        {
            return Errors.SpansEntities(isGrouped ? session.FirstEntity! : transaction.TopLevelEntity!, name);
        }

        transaction.TopLevelEntity = name;
        return null;
    }

    public void Dispose()
    {
        foreach (var entry in _transactions.Values)
        {
            RollBack(entry);
        }

        _transactions.Clear();
    }

    public static bool IsSame(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private void RollBack(Entry entry)
    {
        entry.Timer.Dispose();
        if (services.Catalog.Rollback(entry.Transaction))
        {
            Ended(entry, "client gone");
        }
    }

    private void OnTimeOut(Transaction transaction, DateTimeOffset declaredAt)
    {
        if (services.Catalog.Rollback(transaction, TransactionState.TimedOut))
        {
            services.Telemetry.TransactionEnded(declaredAt, transaction.Operations.Count, "time-out");
        }
    }

    private void Ended(Entry entry, string? rolledBackFor) =>
        services.Telemetry.TransactionEnded(entry.DeclaredAt, entry.Transaction.Operations.Count, rolledBackFor);

    private sealed record Entry(Transaction Transaction, IncomingLink Coordinator, ITimer Timer, DateTimeOffset DeclaredAt);
}
