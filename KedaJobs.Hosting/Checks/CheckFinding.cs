namespace KedaJobs.Hosting.Checks;

/// <summary>One problem of a declaration: where it is, what it is, and what to write instead.</summary>
internal sealed record CheckFinding(CheckCode Code, string Resource, string Problem, string Cure)
{
    /// <summary>The finding as one line, as it appears in the log and in the exception.</summary>
    public override string ToString() => $"{Code.Id} {Resource}: {Problem} {Cure}";
}
