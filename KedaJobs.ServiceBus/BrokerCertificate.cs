using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KedaJobs.ServiceBus;

/// <summary>Finds certificates for <see cref="BrokerOptions.Certificate"/>.</summary>
public static class BrokerCertificate
{
    /// <summary>Marks the development certificate of ASP.NET Core, whatever its subject.</summary>
    private const string DevelopmentOid = "1.3.6.1.4.1.311.84.1.1";

    /// <summary>The development certificate of ASP.NET Core for <c>localhost</c>, as <c>dotnet dev-certs https</c> creates it.</summary>
    /// <param name="time">The clock that decides whether it has expired; null for the system clock.</param>
    /// <exception cref="BrokerStartException">There is no valid certificate; the message says how to create one.</exception>
    public static X509Certificate2 FindDevelopment(TimeProvider? time = null)
    {
        using var store = new X509Store(StoreName.My, StoreLocation.CurrentUser, OpenFlags.ReadOnly);
        var now = (time ?? TimeProvider.System).GetLocalNow().DateTime;
        return store.Certificates
            .Where(certificate => certificate.HasPrivateKey
                && certificate.NotBefore <= now
                && certificate.NotAfter >= now
                && certificate.Extensions.Any(extension => extension.Oid?.Value == DevelopmentOid))
            .OrderByDescending(certificate => certificate.NotAfter)
            .FirstOrDefault()
            ?? throw new BrokerStartException(
                "There is no valid development certificate of ASP.NET Core: "
                + "create one with 'dotnet dev-certs https' (add --trust so that clients accept it), "
                + "or give the broker another certificate.");
    }

    /// <summary>
    /// Loads a certificate from a file: PKCS #12 (<c>.pfx</c>, <c>.p12</c>), or PEM with the key in the same file or in another.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="password">The password of the file or of its key; null for none.</param>
    /// <param name="keyPath">A PEM file with the key; null if it is in the same file.</param>
    /// <exception cref="BrokerStartException">The file cannot be read, or is none of these; the message says why.</exception>
    public static X509Certificate2 Load(string path, string? password = null, string? keyPath = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            if (Path.GetExtension(path).ToUpperInvariant() is ".PFX" or ".P12")
            {
                return X509CertificateLoader.LoadPkcs12FromFile(path, password);
            }

            return password is null
                ? X509Certificate2.CreateFromPemFile(path, keyPath)
                : X509Certificate2.CreateFromEncryptedPemFile(path, password, keyPath);
        }
        catch (Exception unusable) when (unusable is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new BrokerStartException(
                $"The certificate '{path}' cannot be used: {unusable.Message} Give a PFX file, or a PEM file with its private key, "
                    + "and the password if it has one.", unusable);
        }
    }
}
