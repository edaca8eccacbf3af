using Aspire.Hosting;

namespace KedaJobs.Hosting;

/// <summary>
/// A job, or an entity related to it, is declared incorrectly. The message has one line for each finding: its code (see
/// docs/diagnostics.md), the resource, the problem and the fix. Nothing was started or published.
/// </summary>
public sealed class MisconfigurationException : DistributedApplicationException
{
    internal MisconfigurationException(IReadOnlyList<Checks.CheckFinding> errors)
        : base(string.Join(Environment.NewLine, errors)) => Codes = [.. errors.Select(error => error.Code.Id)];

    /// <summary>The codes of the findings, in the order of the message's lines, for instance <c>KJ003</c>.</summary>
    public IReadOnlyList<string> Codes { get; }
}
