namespace KedaJobs.Hosting.Checks;

internal enum CheckSeverity
{
    Warning,
    Error,
}
