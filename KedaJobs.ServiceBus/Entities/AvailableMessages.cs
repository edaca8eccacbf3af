namespace KedaJobs.ServiceBus.Entities;

/// <summary>
/// The messages of a queue or session that wait for a receiver, lowest sequence number first. Arrivals queue up in a list; messages that
/// come back after a delivery go into a heap, because they belong before them.
/// </summary>
internal sealed class AvailableMessages
{
    // Entries whose message left in another way than by Take stay until they come up; whether one counts is seen by the message's place.
    private readonly PriorityQueue<BrokerMessage, long> _returned = new();
    private BrokerMessage? _first;
    private BrokerMessage? _last;

    public int Count { get; private set; }

    /// <summary>Adds a message with a number higher than all before.</summary>
    public void Append(BrokerMessage message)
    {
        message.Place = MessagePlace.Fresh;
        message.Previous = _last;
        if (_last is null)
        {
            _first = message;
        }
        else
        {
            _last.Next = message;
        }

        _last = message;
        Count++;
    }

    /// <summary>Adds a message at the place of its number.</summary>
    public void Return(BrokerMessage message)
    {
        if (_last is null || message.SequenceNumber > _last.SequenceNumber)
        {
            Append(message);
            return;
        }

        message.Place = MessagePlace.Returned;
        _returned.Enqueue(message, message.SequenceNumber);
        Count++;
    }

    public BrokerMessage? Peek()
    {
        while (_returned.TryPeek(out var returned, out var number))
        {
            if (returned.Place == MessagePlace.Returned && returned.SequenceNumber == number)
            {
                return _first is null || number < _first.SequenceNumber ? returned : _first;
            }

            _returned.Dequeue();
        }

        return _first;
    }

    public BrokerMessage? Take()
    {
        var message = Peek();
        if (message is null)
        {
            return null;
        }

        if (message.Place == MessagePlace.Returned)
        {
            _returned.Dequeue();
            message.Place = MessagePlace.None;
            Count--;
        }
        else
        {
            Remove(message);
        }

        return message;
    }

    public void Remove(BrokerMessage message)
    {
        if (message.Place == MessagePlace.Fresh)
        {
            if (message.Previous is null)
            {
                _first = message.Next;
            }
            else
            {
                message.Previous.Next = message.Next;
            }

            if (message.Next is null)
            {
                _last = message.Previous;
            }
            else
            {
                message.Next.Previous = message.Previous;
            }

            message.Previous = message.Next = null;
        }

        message.Place = MessagePlace.None;
        Count--;
    }
}
