using System.Collections.Immutable;

namespace KedaJobs.Planner.Export;

/// <summary>Something that is known only once resources exist. Each target names it its own way.</summary>
internal abstract record DeployedValue
{
    /// <summary>The Service Bus namespace's name in Azure.</summary>
    internal sealed record NamespaceName : DeployedValue;

    /// <summary>The host name of the container registry.</summary>
    internal sealed record RegistryServer : DeployedValue;

    /// <summary>The client id of a managed identity.</summary>
    internal sealed record ClientId(string Identity) : DeployedValue;
}

/// <summary>Text with deployed values in it.</summary>
internal sealed record DeployedText(ImmutableArray<object> Parts)
{
    public static DeployedText Of(params ReadOnlySpan<object> parts) => new([.. parts]);

    public bool IsFixed => Parts.All(part => part is string);

    public string Render(Func<string, string> text, Func<DeployedValue, string> value) =>
        string.Concat(Parts.Select(part => part is string literal ? text(literal) : value((DeployedValue)part)));
}
