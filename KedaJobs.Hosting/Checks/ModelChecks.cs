namespace KedaJobs.Hosting.Checks;

/// <summary>
/// Everything that is wrong with a model, found before anything is started or published: the part that KEDA's admission webhook, Service Bus
/// and Container Apps would otherwise play after the deployment. Pure: values in, findings out, in the order of the jobs.
/// </summary>
internal static class ModelChecks
{
    public static IReadOnlyList<CheckFinding> Run(CheckedModel model) =>
    [
        .. model.Jobs.SelectMany(job => NameChecks.Run(job)
            .Concat(LimitChecks.Run(job))
            .Concat(TimeChecks.Run(job))
            .Concat(TriggerChecks.Run(job))
            .Concat(EntityChecks.Run(job))
            .Concat(FilterChecks.Run(job))
            .Concat(ResourceChecks.Run(job))
            .Concat(ScaleRuleChecks.Run(job))),
        .. SharedQueueChecks.Run(model),
    ];
}
