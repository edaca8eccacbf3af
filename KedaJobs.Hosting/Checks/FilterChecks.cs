namespace KedaJobs.Hosting.Checks;

/// <summary>What the rules of a subscription select. Source: the resource type Microsoft.ServiceBus/namespaces/topics/subscriptions/rules.</summary>
internal static class FilterChecks
{
    public static IEnumerable<CheckFinding> Run(CheckedJob job) =>
        (job.Trigger as CheckedSubscription)?.FilterValues
            .Where(filter => filter.Value is not string)
            .Select(filter => new CheckFinding(CheckCode.FilterValue, job.Resource,
                $"rule '{filter.Rule}' of '{job.Trigger.Entity}' compares '{filter.Property}' with {filter.Value ?? "nothing"} ({filter.Value?.GetType().Name ?? "null"}).",
                "Azure's resource definition of a rule takes text only: write it in quotes, and let senders set the property as text."))
        ?? [];
}
