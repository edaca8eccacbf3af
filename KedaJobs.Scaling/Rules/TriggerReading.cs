namespace KedaJobs.Scaling.Rules;

/// <summary>The reading of one trigger at one poll.</summary>
/// <remarks>
/// Source: KEDA, <c>azure_servicebus_scaler.go</c> (GetMetricsAndActivity). For a Service Bus queue the length is the active message count
/// of the management API, which includes messages that are locked and not yet settled.
/// </remarks>
/// <param name="Length">Active messages. At least 0. Ignored when <paramref name="Error"/> is set.</param>
/// <param name="Target">
/// Messages that one execution should take (<c>messageCount</c>). At least 0; KEDA's default is 5; 0 wants no executions.
/// </param>
/// <param name="Activation">
/// The trigger is active only above this many messages (<c>activationMessageCount</c>, strictly greater). KEDA's default is 0. It can be
/// negative, as in KEDA: the trigger is then always active.
/// </param>
/// <param name="Error">The trigger could not be read: it is left out, and the poll counts as failed.</param>
public sealed record TriggerReading(long Length, long Target = TriggerReading.DefaultTarget, long Activation = 0, bool Error = false)
{
    /// <summary>KEDA's default <c>messageCount</c> of the azure-servicebus scaler.</summary>
    public const long DefaultTarget = 5;

    private const string Messages = "active message";

    /// <summary>A trigger that could not be read.</summary>
    public static TriggerReading Failed { get; } = new(0, Error: true);

    /// <summary>What is counted, in the singular, for the text of a decision's reason. Default: active message.</summary>
    public string Noun { get; init; } = Messages;

    /// <summary>Whether the trigger was read and holds more than its activation count.</summary>
    public bool IsActive => !Error && Length > Activation;

    internal bool CountsMessages => Noun == Messages;
}
