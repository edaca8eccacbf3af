using Aspire.Hosting;

namespace KedaJobs.Hosting;

/// <summary>
/// The declaration of a job, or of an entity that it has to do with, is wrong. The message has one line for each finding: its code (see
/// docs/diagnostics.md), the resource, what is wrong and what to write instead. Nothing was started or published.
/// </summary>
public sealed class MisconfigurationException : DistributedApplicationException
{
    internal MisconfigurationException(IReadOnlyList<Checks.CheckFinding> errors)
        : base(string.Join(Environment.NewLine, errors)) => Codes = [.. errors.Select(error => error.Code.Id)];

    /// <summary>The codes that were found, in the order of the message's lines, for instance <c>KJ003</c>.</summary>
    public IReadOnlyList<string> Codes { get; }
}
