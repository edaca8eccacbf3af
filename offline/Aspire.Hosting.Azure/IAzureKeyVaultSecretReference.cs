using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Azure;

public interface IAzureKeyVaultSecretReference : IExpressionValue, IValueWithReferences
{
    string SecretName { get; }
}
