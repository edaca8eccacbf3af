using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.ServiceBus.Durability;

/// <summary>The journal of one queue: gathers the records of a turn into one frame of the log.</summary>
internal sealed class QueueJournal(LogWriter log) : IJournal
{
    private readonly RecordWriter _records = new();
    private readonly List<NotedItem> _noted = [];
    private LogTransaction? _transaction;
    private long _lastSequenceNumber;
    private bool _isDeleted;

    public void Added(SubQueue queue, BrokerMessage message) =>
        _noted.Add(new(message, Records.WriteMessage(_records, queue.Kind, message)));

    public void Removed(SubQueue queue, BrokerMessage message)
    {
        Left(queue, message.SequenceNumber);
        _noted.Add(new(message, 0));
    }

    public void Left(SubQueue queue, long sequenceNumber) => Records.WriteNumber(_records, RecordKind.Removed, queue.Kind, sequenceNumber);

    public void Delivering(SubQueue queue, BrokerMessage message) =>
        Records.WriteNumber(_records, RecordKind.Delivering, queue.Kind, message.SequenceNumber);

    public void Changed(SubQueue queue, BrokerMessage message) => Records.WriteChanged(_records, queue.Kind, message);

    public void Remembered(RememberedId id) => _noted.Add(new(id, Records.WriteRemembered(_records, id)));

    public void Forgotten(RememberedId id) => _noted.Add(new(id, 0));

    public void SessionStateSet(Session session)
    {
        var bytes = Records.WriteSessionState(_records, session.Id, session.State, session.LastUpdated);
        _noted.Add(new(session, session.State is null ? 0 : bytes));
    }

    public void Defined(QueueEntity queue) => _noted.Add(new(queue, Declarations.Write(_records, queue)));

    public void Deleted(QueueEntity queue)
    {
        Records.WriteEmpty(_records, RecordKind.QueueDeleted);
        _noted.Add(new(queue, 0));
        foreach (var part in (SubQueue[])[queue.Main, queue.DeadLetter, queue.TransferDeadLetter])
        {
            _noted.AddRange(part.Messages.Select(message => new NotedItem(message, 0)));
            _noted.AddRange(part.Sessions.Select(session => new NotedItem(session, 0)));
        }

        _noted.AddRange(queue.History?.Entries.Select(id => new NotedItem(id, 0)) ?? []);
    }

    public void Join(JournalTransaction? transaction) => _transaction = (LogTransaction?)transaction;

    public void TurnEnded(QueueEntity queue)
    {
        // A number that went to a duplicate is given out too, though there is nothing else to note.
        if (!_isDeleted && (!_records.IsEmpty || _noted.Count > 0 || queue.LastSequenceNumber != _lastSequenceNumber))
        {
            var payload = _records.Finish(queue.Id, queue.LastSequenceNumber, queue.AccessedAt);
            if (_transaction is null)
            {
                log.Append(payload, _noted);
            }
            else
            {
                _transaction.Add(payload, _noted);
            }

            _lastSequenceNumber = queue.LastSequenceNumber;
        }

        // Whatever a receiver still does at a deleted queue is nothing to bring back.
        _isDeleted = queue.IsDeleted;
        _records.Clear();
        _noted.Clear();
        if (_isDeleted)
        {
            _noted.TrimExcess();
        }
    }
}
