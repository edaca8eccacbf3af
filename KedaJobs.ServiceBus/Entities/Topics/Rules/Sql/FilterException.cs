namespace KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

/// <summary>
/// A rule cannot be evaluated for a message; the message of the exception says why. It becomes the description of the dead letter.
/// </summary>
internal sealed class FilterException(string message) : Exception(message);

/// <summary>The text of a filter or action is not valid.</summary>
internal sealed class SqlSyntaxException(int position, string problem)
    : Exception($"at position {position}: {problem}")
{
    /// <summary>Where, counted from 1.</summary>
    public int Position { get; } = position;
}
