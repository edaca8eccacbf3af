using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;

namespace KedaJobs.Hosting.Publishing;

/// <summary>Which values of the model are secret, even if they are wrapped.</summary>
internal static class SecretValues
{
    // Parts of connection strings that give access to the resource.
    private static readonly string[] Keys = ["SharedAccessKey=", "AccountKey=", "SharedAccessSignature=", "Password=", "Pwd="];

    /// <summary>Whether a value is marked secret, or contains one that is.</summary>
    public static bool IsSecret(object? value) => value switch
    {
        ParameterResource parameter => parameter.Secret,
        IAzureKeyVaultSecretReference => true,
        ConnectionStringReference reference => IsSecret(reference.Resource.ConnectionStringExpression),
        IResourceWithConnectionString resource => IsSecret(resource.ConnectionStringExpression),
        ReferenceExpression expression => expression.ValueProviders.Any(IsSecret),
        _ => false,
    };

    /// <summary>Whether text looks like a connection string with a key or a password in it.</summary>
    public static bool HoldsKey(string text) => Keys.Any(key => text.Contains(key, StringComparison.OrdinalIgnoreCase));
}
