namespace KedaJobs.Hosting.Checks;

/// <summary>One thing that is wrong with a declaration: where, what, and what to write instead.</summary>
internal sealed record CheckFinding(CheckCode Code, string Resource, string Problem, string Cure)
{
    /// <summary>The finding as one line, as it stands in the log and in the exception.</summary>
    public override string ToString() => $"{Code.Id} {Resource}: {Problem} {Cure}";
}
