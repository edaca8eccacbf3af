namespace KedaJobs.Producer.Jobs;

/// <summary>What is wrong with a request, by field, in the order in which it was found.</summary>
internal sealed class FieldErrors
{
    /// <summary>A thousand bad jobs have the same mistake: whoever reads this needs a few of them.</summary>
    private const int MaxFields = 50;

    private readonly Dictionary<string, string[]> _fields = new(StringComparer.Ordinal);
    private int _left;

    public bool Any => _fields.Count > 0;

    public void Add(string field, string message)
    {
        if (_fields.TryGetValue(field, out var messages))
        {
            _fields[field] = [.. messages, message];
        }
        else if (_fields.Count < MaxFields)
        {
            _fields.Add(field, [message]);
        }
        else
        {
            _left++;
        }
    }

    /// <summary>What is wrong with the request as a whole, and found again with each of its jobs.</summary>
    public void AddOnce(string field, string message)
    {
        if (!_fields.ContainsKey(field))
        {
            Add(field, message);
        }
    }

    public IResult ToProblem() => TypedResults.ValidationProblem(
        _fields,
        title: "The request is not valid. Nothing of it was enqueued.",
        detail: _left == 0 ? null : $"There are {_left} further errors; these are the first {MaxFields}.");
}
