using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Planner.Export.Az;

/// <summary>The shell variables that a script needs, collected as it is written.</summary>
internal sealed class Variables
{
    private readonly Dictionary<string, string> _meanings = new(StringComparer.Ordinal);

    /// <summary>Name and meaning of each, in the order of their first use.</summary>
    public IEnumerable<(string Name, string Meaning)> All => _meanings.Select(variable => (variable.Key, variable.Value));

    public string Name(DeployedValue value) => value switch
    {
        DeployedValue.NamespaceName => Use("SERVICEBUS_NAMESPACE", "name of the Service Bus namespace"),
        DeployedValue.RegistryServer => Use("REGISTRY_SERVER", "host name of the container registry"),
        DeployedValue.ClientId(var identity) => Use(Names.ShellVariable(identity, "_CLIENT_ID"), $"client id of the managed identity {identity}"),
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, null),
    };

    /// <summary>The variable that holds an identity's resource id.</summary>
    public string IdentityName(string identity) => Use(Names.ShellVariable(identity, "_RESOURCE_ID"), $"resource id of the managed identity {identity}");

    /// <summary>The resource id of an identity, or 'system'.</summary>
    public string IdentityWord(string identity) =>
        identity == ScaleRuleDefinition.SystemIdentity ? identity : $"\"${{{IdentityName(identity)}}}\"";

    public string SecretWord(string secret) => Word(Names.ShellVariable(secret), $"value of the secret {secret}");

    public string Word(string name, string meaning) => $"\"${{{Use(name, meaning)}}}\"";

    private string Use(string name, string meaning)
    {
        _meanings.TryAdd(name, meaning);
        return name;
    }
}
