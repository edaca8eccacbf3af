namespace KedaJobs.Hosting.Checks;

/// <summary>
/// Everything that is wrong with a model, found before anything is started or published: the part that KEDA's admission webhook, Service
/// Bus and Container Apps would otherwise play after the deployment. Pure: values in, findings out, in the order of the jobs.
/// </summary>
internal static class ModelChecks
{
    public static IReadOnlyList<CheckFinding> Run(CheckedModel model) =>
    [
        .. model.Jobs.SelectMany(job => NameChecks.Run(job)
            .Concat(PublishChecks.Run(job))
            .Concat(ScheduleChecks.Run(job))
            .Concat(LimitChecks.Run(job))
            .Concat(TimeChecks.Run(job))
            .Concat(job.Triggers.SelectMany(trigger => TriggerChecks.Run(job, trigger).Concat(EntityChecks.Run(job, trigger))))
            .Concat(ResourceChecks.Run(job))
            .Concat(ScaleRuleChecks.Run(job))
            .Concat(SecretChecks.Run(job))),
        .. SharedQueueChecks.Run(model),
        .. model.Namespaces.SelectMany(NamespaceChecks.Run),
        .. model.Namespaces.SelectMany(ForwardCircleChecks.Run),
        .. NamespaceChecks.Ports(model),
        .. WaitChecks.Run(model),
    ];
}
