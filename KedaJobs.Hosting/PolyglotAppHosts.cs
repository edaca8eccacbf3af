namespace KedaJobs.Hosting;

/// <summary>
/// Why nothing of this assembly is exported to AppHosts in other languages. Aspire's attributes for it are there (<c>AspireExport</c>), but
/// exports that no code generator has read are worse than none: one that it cannot map ends the generation for the whole AppHost.
/// </summary>
internal static class PolyglotAppHosts
{
    public const string NotSupported =
        "Not supported in polyglot AppHosts yet: the exports have not been checked with Aspire's code generators.";
}
