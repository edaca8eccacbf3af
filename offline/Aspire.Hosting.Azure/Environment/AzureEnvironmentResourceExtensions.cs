using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Azure;

public static class AzureEnvironmentResourceExtensions
{
    private const string Name = "azure-environment";

    private static readonly (string Name, string Title)[] Commands =
    [
        ("reset-provisioning-state", "Reset provisioning state"),
        ("change-azure-context", "Change Azure context"),
        ("reprovision-all", "Reprovision all"),
        ("delete-azure-resources", "Delete Azure resources"),
    ];

    [Experimental("ASPIREAZURE001")]
    public static IResourceBuilder<AzureEnvironmentResource> AddAzureEnvironment(this IDistributedApplicationBuilder builder)
    {
        if (builder.Resources.OfType<AzureEnvironmentResource>().FirstOrDefault() is { } existing)
        {
            return builder.CreateResourceBuilder(existing);
        }

        var resource = new AzureEnvironmentResource(Name, Parameter("location"), Parameter("resourceGroupName"), Parameter("principalId"));
        if (builder.ExecutionContext.IsPublishMode)
        {
            return builder.AddResource(resource).ExcludeFromManifest();
        }

        var environment = builder.AddResource(resource).WithInitialState(new CustomResourceSnapshot
        {
            ResourceType = nameof(AzureEnvironmentResource),
            Properties = [],
            State = KnownResourceStates.NotStarted,
        });
        foreach (var (name, title) in Commands)
        {
            environment.WithCommand(name, title, _ => Task.FromResult(CommandResults.Failure(
                $"'{title}' needs the packages that talk to Azure: this feed has only their stand-ins.")));
        }

        return environment;

        // Whoever deploys gives the value; here it is only asked for by name.
        ParameterResource Parameter(string name) => new(name, _ => builder.Configuration[$"Parameters:{name}"]
            ?? throw new MissingParameterValueException($"The parameter '{name}' has no value: set Parameters:{name}."));
    }
}
