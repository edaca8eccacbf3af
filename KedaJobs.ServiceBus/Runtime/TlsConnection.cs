using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace KedaJobs.ServiceBus.Runtime;

/// <summary>Puts TLS between a connection's socket and what is spoken over it.</summary>
internal static class TlsConnection
{
    /// <summary>Does the server's side of the handshake, and serves the connection with what comes out of it.</summary>
    /// <exception cref="System.Security.Authentication.AuthenticationException">
    /// The client does not accept the certificate, or does not speak TLS.
    /// </exception>
    public static async Task ServeAsync(
        ConnectionContext connection, X509Certificate2 certificate, TimeProvider time, Func<ConnectionContext, Task> serve)
    {
        var below = connection.Transport;
        var stream = new SslStream(new PipeStream(below), leaveInnerStreamOpen: true);
        await using (stream.ConfigureAwait(false))
        {
            using (var limit = new HandshakeLimit(connection, time))
            {
                await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, limit.Token)
                    .ConfigureAwait(false);
            }

            var above = new DuplexPipe(
                PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true)),
                PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true)));
            connection.Transport = above;

            // By this the web server knows that requests are https.
            connection.Features.Set<ITlsConnectionFeature>(new Feature());
            try
            {
                await serve(connection).ConfigureAwait(false);
            }
            finally
            {
                connection.Transport = below;
                await above.Input.CompleteAsync().ConfigureAwait(false);
                await above.Output.CompleteAsync().ConfigureAwait(false);
            }

            await stream.ShutdownAsync().ConfigureAwait(false);
        }
    }

    private sealed class Feature : ITlsConnectionFeature
    {
        public X509Certificate2? ClientCertificate { get; set; }

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);
    }
}
