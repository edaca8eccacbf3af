using KedaJobs.ServiceBus.Entities.Transactions;

namespace KedaJobs.ServiceBus.Entities;

/// <summary>The end of transactions.</summary>
internal sealed partial class EntityCatalog
{
    /// <summary>Does all that a transaction has gathered, or nothing.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="problem">Why nothing was done; it is rolled back then.</param>
    public bool Commit(Transaction transaction, out string? problem)
    {
        if (!transaction.TryEnd(TransactionState.Committed))
        {
            problem = "It has already ended.";
            return false;
        }

        var allWork = new List<PostTurnWork>();
        lock (_changes)
        {
            problem = Commit(transaction, InLockOrder(transaction), allWork);
        }

        if (problem is not null)
        {
            transaction.Fail();
            transaction.Release(Now);
        }

        foreach (var work in allWork)
        {
            work.Run();
        }

        if (problem is null)
        {
            foreach (var operation in transaction.Operations)
            {
                operation.Committed?.Invoke();
            }
        }

        return problem is null;
    }

    /// <summary>Undoes a transaction: as if its operations had never been asked for.</summary>
    /// <returns>False if it has ended already.</returns>
    public bool Rollback(Transaction transaction, TransactionState state = TransactionState.RolledBack)
    {
        if (!transaction.TryEnd(state))
        {
            return false;
        }

        transaction.Release(Now);
        return true;
    }

    /// <summary>
    /// The entities that a transaction is about, and the subscriptions of its topics: their locks are taken in the order of their ids, as a
    /// topic takes those of its subscriptions, whose ids are higher than its own. Which subscriptions there are does not change meanwhile,
    /// because the catalog's lock is held.
    /// </summary>
    private static List<QueueEntity> InLockOrder(Transaction transaction)
    {
        var entities = transaction.Operations.Select(operation => operation.Entity).ToHashSet();
        foreach (var topic in entities.Select(entity => entity.Topic).OfType<Topics.TopicEntity>().ToList())
        {
            entities.UnionWith(topic.Subscriptions.Select(subscription => subscription.Queue));
        }

        return [.. entities.OrderBy(entity => entity.Id)];
    }

    private string? Commit(Transaction transaction, List<QueueEntity> entities, List<PostTurnWork> allWork)
    {
        var now = Now;
        var journal = newJournalTransaction?.Invoke();
        var entered = new Stack<QueueEntity>();
        try
        {
            foreach (var entity in entities)
            {
                entity.EnterTransaction(now, journal);
                entered.Push(entity);
            }

            var problem = WhyNot(transaction, now);
            if (problem is null)
            {
                foreach (var operation in transaction.Operations)
                {
                    operation.Apply(transaction, now);
                }
            }

            return problem;
        }
        finally
        {
            try
            {
                // All locks are held until the whole transaction is noted: so nothing that follows on a part of it can be noted before it.
                foreach (var entity in entered)
                {
                    allWork.Add(entity.EndTransactionTurnUnderLock());
                }

                journal?.Complete();
            }
            finally
            {
                foreach (var entity in entered)
                {
                    entity.ExitTransaction();
                }
            }
        }
    }

    private static string? WhyNot(Transaction transaction, DateTime now)
    {
        foreach (var sends in transaction.Operations.OfType<SendOperation>().GroupBy(send => send.Entity))
        {
            if (sends.Key.WhyNotSend([.. sends.SelectMany(send => send.Contents)], now) is var outcome and not SendOutcome.Accepted)
            {
                return $"'{sends.Key.Name}' does not accept its messages: {outcome}.";
            }
        }

        return transaction.Operations.Select(operation => operation.WhyNot(transaction, now))
            .FirstOrDefault(problem => problem is not null);
    }
}
