using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;

namespace KedaJobs.Hosting.Publishing;

/// <summary>How a scale rule signs in to what it counts: with an identity, or with a secret for one of the scaler's parameters.</summary>
internal abstract record ScalerAccess
{
    /// <summary>A user-assigned identity. No container of the job can use it, unless it is the worker's own.</summary>
    public sealed record WithIdentity(IAppIdentityResource Identity) : ScalerAccess;

    /// <summary>A secret of the job, passed to the scaler as a trigger parameter, <c>connection</c> for instance.</summary>
    public sealed record WithSecret(ParameterResource Secret, string TriggerParameter) : ScalerAccess
    {
        /// <summary>
        /// The secret's name: Container Apps requires lowercase. A job whose environment uses it for another
        /// value gives the rule's secret another one.
        /// </summary>
        public string SecretName => Secret.Name.ToLowerInvariant();
    }
}
