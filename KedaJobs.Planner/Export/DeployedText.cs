using System.Collections.Immutable;

namespace KedaJobs.Planner.Export;

/// <summary>Something that is known only at or after deployment. Each target names it its own way.</summary>
internal abstract record DeployedValue
{
    /// <summary>The Service Bus namespace's name in Azure.</summary>
    internal sealed record NamespaceName : DeployedValue;

    /// <summary>The host name of the container registry.</summary>
    internal sealed record RegistryServer : DeployedValue;

    /// <summary>The client id of a managed identity.</summary>
    internal sealed record ClientId(string Identity) : DeployedValue;

    /// <summary>The value of a parameter of the AppHost.</summary>
    internal sealed record Parameter(string Name) : DeployedValue;

    /// <summary>The value of a secret parameter of the AppHost.</summary>
    internal sealed record Secret(string Name) : DeployedValue;

    /// <summary>An output of another resource of the AppHost.</summary>
    internal sealed record Output(string Expression) : DeployedValue;
}

/// <summary>Text with deployed values in it.</summary>
internal sealed record DeployedText(ImmutableArray<object> Parts)
{
    public static DeployedText Of(params ReadOnlySpan<object> parts) => new([.. parts]);

    public bool IsFixed => Parts.All(part => part is string);

    public bool HasSecret => Parts.Any(part => part is DeployedValue.Secret);

    /// <summary>Whether the text that is known contains this one.</summary>
    public bool Contains(string text) => Parts.OfType<string>().Any(literal => literal.Contains(text, StringComparison.Ordinal));

    public string Render(Func<string, string> text, Func<DeployedValue, string> value) =>
        string.Concat(Parts.Select(part => part is string literal ? text(literal) : value((DeployedValue)part)));
}
