using Aspire.Hosting;
using Aspire.Hosting.Azure;
using Azure.Provisioning.AppContainers;
using Azure.Provisioning.Expressions;
using Azure.Provisioning.Resources;

namespace KedaJobs.Hosting.Publishing;

/// <summary>Writes how scale rules sign in, each identity and each secret once for the job.</summary>
/// <param name="infrastructure">The module.</param>
/// <param name="job">The job in it.</param>
/// <param name="workerIdentity">The identity that the worker's code signs in with, if any. The job has it already.</param>
internal sealed class ScalerAccessWriter(AzureResourceInfrastructure infrastructure, ContainerAppJob job, IAppIdentityResource? workerIdentity)
{
    private readonly HashSet<IAppIdentityResource> _identities = workerIdentity is null ? [] : [workerIdentity];
    private readonly HashSet<string> _secrets = new(StringComparer.Ordinal);

    public void Apply(ContainerAppJobScaleRule rule, ScalerAccess? access)
    {
        switch (access)
        {
            case ScalerAccess.WithIdentity { Identity: var identity }:
                var id = identity.Id.AsProvisioningParameter(infrastructure);
                rule.Identity = id;
                if (_identities.Add(identity))
                {
                    job.Identity.UserAssignedIdentities[BicepFunction.Interpolate($"{id}").Compile().ToString()] = new UserAssignedIdentityDetails();

                    // None: the platform may use the identity for the rule; no container of the job gets a token for it.
                    job.Configuration.IdentitySettings.Add(new ContainerAppIdentitySettings
                    {
                        Identity = id,
                        Lifecycle = ContainerAppIdentitySettingsLifeCycle.None,
                    });
                }

                break;

            case ScalerAccess.WithSecret secret:
                if (_secrets.Add(secret.SecretName))
                {
                    job.Configuration.Secrets.Add(new ContainerAppWritableSecret
                    {
                        Name = secret.SecretName,
                        Value = secret.Secret.AsProvisioningParameter(infrastructure),
                    });
                }

                rule.Auth.Add(new ContainerAppScaleRuleAuth { SecretRef = secret.SecretName, TriggerParameter = secret.TriggerParameter });
                break;
        }
    }
}
