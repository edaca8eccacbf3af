namespace KedaJobs.Scaling.Rules;

/// <summary>KEDA's Ready condition for a job after a poll.</summary>
/// <remarks>Source: KEDA, <c>scale_jobs.go</c> (RequestJobScale).</remarks>
public enum ReadyState
{
    /// <summary>Every trigger was read. KEDA's reason is ScaledJobReady.</summary>
    True,

    /// <summary>A trigger failed, but the job is still active. KEDA's reason is PartialTriggerError.</summary>
    Unknown,

    /// <summary>A trigger failed and none is active. KEDA's reason is TriggerError.</summary>
    False,
}
