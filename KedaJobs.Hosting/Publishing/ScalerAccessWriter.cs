using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Azure.Provisioning.AppContainers;
using Azure.Provisioning.Expressions;
using Azure.Provisioning.Resources;
using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Hosting.Publishing;

/// <summary>Writes how scale rules sign in, each identity and each secret once for the job.</summary>
/// <param name="infrastructure">The module.</param>
/// <param name="job">The job in it.</param>
/// <param name="workerIdentity">The identity that the worker's code signs in with, if any. The job has it already.</param>
internal sealed class ScalerAccessWriter(
    AzureResourceInfrastructure infrastructure, ContainerAppJob job, IAppIdentityResource? workerIdentity)
{
    private readonly HashSet<IAppIdentityResource> _identities = workerIdentity is null ? [] : [workerIdentity];

    public void Apply(ContainerAppJobScaleRule rule, ScalerAccess? access)
    {
        switch (access)
        {
            case ScalerAccess.WithIdentity { Identity: var identity }:
                var id = identity.Id.AsProvisioningParameter(infrastructure);
                rule.Identity = id;
                if (_identities.Add(identity))
                {
                    job.Identity.UserAssignedIdentities[BicepFunction.Interpolate($"{id}").Compile().ToString()] =
                        new UserAssignedIdentityDetails();

                    // None: the platform may use the identity for the rule; no container of the job gets a token for it.
                    job.Configuration.IdentitySettings.Add(new ContainerAppIdentitySettings
                    {
                        Identity = id,
                        Lifecycle = ContainerAppIdentitySettingsLifeCycle.None,
                    });
                }

                break;

            case ScalerAccess.WithSecret secret:
                rule.Auth.Add(new ContainerAppScaleRuleAuth { SecretRef = NameOf(secret), TriggerParameter = secret.TriggerParameter });
                break;
        }
    }

    // Secrets of environment variables are in the job already, under names that Aspire makes of the variables' ("API_KEY" is "api-key").
    // The same value is the same secret; another value under that name stays what it is, and the rule's secret gets a name that is free.
    private string NameOf(ScalerAccess.WithSecret secret)
    {
        var name = SecretNames.OfRule(secret.SecretName, wanted => Existing(wanted) is not { } taken || IsValueOf(taken, secret.Secret));
        if (Existing(name) is null)
        {
            job.Configuration.Secrets.Add(new ContainerAppWritableSecret
            {
                Name = name,
                Value = secret.Secret.AsProvisioningParameter(infrastructure),
            });
        }

        return name;
    }

    private ContainerAppWritableSecret? Existing(string name) =>
        job.Configuration.Secrets.FirstOrDefault(existing => existing.Value?.Name.Value == name)?.Value;

    private bool IsValueOf(ContainerAppWritableSecret secret, ParameterResource parameter) =>
        secret.Value.Compile() is IdentifierExpression identifier
        && infrastructure.AspireResource.Parameters.TryGetValue(identifier.Name, out var value)
        && ReferenceEquals(value, parameter);
}
