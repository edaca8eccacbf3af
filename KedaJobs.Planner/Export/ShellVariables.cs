using System.Text.RegularExpressions;
using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Planner.Export;

/// <summary>The shell variables that a target needs, collected as it is written.</summary>
internal sealed partial class ShellVariables(JobDefinition job)
{
    // Variables that mean something to the shell and to programs: a parameter called path must not take PATH. And what is written with a
    // '$' in the definition is text: envsubst would replace a variable of that name there, too.
    private readonly UniqueNames _names = new(
    [
        .. AfterDollar().Matches(JobDefinitionFile.Write(job)).Select(match => match.Groups[1].Value),
        "PATH", "HOME", "IFS", "PWD", "OLDPWD", "SHELL", "USER", "LANG", "ENV", "PS1", "PS2", "PS4", "OPTIND", "OPTARG", "PPID", "TMPDIR",
        "TERM", "LOCATION", "ENVIRONMENT_ID",
    ]);
    private readonly Dictionary<string, string> _meanings = new(StringComparer.Ordinal);

    /// <summary>Name and meaning of each, in the order of their first use.</summary>
    public IEnumerable<(string Name, string Meaning)> All => _meanings.Select(variable => (variable.Key, variable.Value));

    public string Name(DeployedValue value) => value switch
    {
        DeployedValue.NamespaceName =>
            Use(value, "SERVICEBUS_NAMESPACE", $"name of the Service Bus namespace, without .{job.Cloud.ServiceBusSuffix()}"),
        DeployedValue.RegistryServer =>
            Use(value, "REGISTRY_SERVER", $"host name of the container registry, for example myregistry.{job.Cloud.RegistrySuffix()}"),
        DeployedValue.ClientId(var identity) =>
            Use(value, Names.ShellVariable(identity, "_CLIENT_ID"), $"client id of the managed identity {identity}"),
        DeployedValue.Parameter(var name) => Use(value, Names.ShellVariable(name), $"value of the parameter {name}"),
        DeployedValue.Secret(var name) => Use(value, Names.ShellVariable(name), $"value of the secret {name}"),
        DeployedValue.Output(var expression) => Use(value, Names.ShellVariable(expression), $"value of {expression} in the AppHost"),
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, null),
    };

    /// <summary>A text with what is known of the namespace: the name of an existing one need not be asked for.</summary>
    public DeployedText Known(DeployedText text) => job.Namespace?.Existing?.Name.Fixed is not { } name ? text
        : new([.. text.Parts.Select(part => part is DeployedValue.NamespaceName ? name : part)]);

    /// <summary>The variable that holds an identity's resource id.</summary>
    public string IdentityName(string identity) =>
        Use(("id", identity), Names.ShellVariable(identity, "_RESOURCE_ID"), $"resource id of the managed identity {identity}");

    /// <summary>A variable that stands for no value of the definition.</summary>
    public string Use(string name, string meaning) => Use(name, name, meaning);

    private string Use(object thing, string wanted, string meaning)
    {
        var name = _names.Of(thing, wanted);
        _meanings.TryAdd(name, meaning);
        return name;
    }

    [GeneratedRegex(@"\$\{?([A-Za-z_][A-Za-z0-9_]*)", RegexOptions.CultureInvariant)]
    private static partial Regex AfterDollar();
}
