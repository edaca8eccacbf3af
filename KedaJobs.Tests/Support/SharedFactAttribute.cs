namespace KedaJobs.Tests.Support;

/// <summary>A test that needs material which stands beside the checkout, such as published schemas, and is not part of it.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedFactAttribute : FactAttribute
{
    public SharedFactAttribute()
    {
        if (Repository.Shared is null)
        {
            Skip = "skipped: not beside the project";
        }
    }
}
