namespace KedaJobs.Planner.Export;

/// <summary>What a definition cannot know and the caller may.</summary>
/// <param name="Image">The container image instead of the definition's hint.</param>
internal sealed record ExportOptions(string? Image = null);
