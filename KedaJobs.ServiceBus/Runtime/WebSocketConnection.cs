using System.IO.Pipelines;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;

namespace KedaJobs.ServiceBus.Runtime;

/// <summary>
/// AMQP over a WebSocket (OASIS "AMQP WebSocket Binding", as Service Bus has it): the bytes of the connection, in
/// binary messages whose bounds mean nothing.
/// </summary>
internal static class WebSocketConnection
{
    /// <summary>The path on which Service Bus takes WebSockets.</summary>
    public const string Path = "/$servicebus/websocket";

    /// <summary>
    /// The subprotocols: Service Bus's own, by which the JavaScript client asks, and that of the binding, by which the .NET client does.
    /// </summary>
    private static readonly string[] SubProtocols = ["AMQPWSB10", "amqp"];

    private const int ReadSize = 16 * 1024;

    /// <summary>How long a client may take to end its side of a WebSocket that has ended.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Whether a request is for the path of WebSockets.</summary>
    public static bool IsFor(HttpRequest request) =>
        string.Equals(request.Path.Value?.TrimEnd('/'), Path, StringComparison.OrdinalIgnoreCase);

    /// <summary>Takes the request over and serves the connection to its end; or answers what is wrong with the request.</summary>
    public static async Task ServeAsync(HttpContext context, TimeProvider time, Func<ConnectionContext, Task> serve)
    {
        var subProtocol = context.WebSockets.WebSocketRequestedProtocols.FirstOrDefault(SubProtocols.Contains);
        if (!context.WebSockets.IsWebSocketRequest || subProtocol is null)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync(
                $"{Path} takes WebSockets with the subprotocol {string.Join(" or ", SubProtocols)}.", context.RequestAborted)
                .ConfigureAwait(false);
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync(subProtocol).ConfigureAwait(false);
        var (fromClient, toClient) = (new Pipe(), new Pipe());

        // Not disposed: an abort that comes a moment later would end the process.
        var connection = new DefaultConnectionContext(
            context.Connection.Id, new DuplexPipe(fromClient.Reader, toClient.Writer), new DuplexPipe(toClient.Reader, fromClient.Writer))
        {
            RemoteEndPoint = context.Connection.RemoteIpAddress is { } address
                ? new IPEndPoint(address, context.Connection.RemotePort)
                : null,
        };
        await using var aborting = connection.ConnectionClosed.UnsafeRegister(static aborted => ((WebSocket)aborted!).Abort(), socket)
            .ConfigureAwait(false);
        var receiving = ReceiveAsync(socket, fromClient.Writer);
        var sending = SendAsync(socket, toClient.Reader);
        try
        {
            await serve(connection).ConfigureAwait(false);
        }
        finally
        {
            await toClient.Writer.CompleteAsync().ConfigureAwait(false);
            await fromClient.Reader.CompleteAsync().ConfigureAwait(false);
            await sending.ConfigureAwait(false);

            // Aborted before the client has ended its side too, it might not read what was sent last.
            await receiving.WaitAsync(CloseTimeout, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            socket.Abort();
            await receiving.ConfigureAwait(false);

            // Ends what waits for the end of the connection.
            connection.Abort();
        }
    }

    private static async Task ReceiveAsync(WebSocket socket, PipeWriter output)
    {
        try
        {
            while (true)
            {
                var received = await socket.ReceiveAsync(output.GetMemory(ReadSize), CancellationToken.None).ConfigureAwait(false);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    break;
                }

                // When nobody reads any more, what comes is thrown away up to the client's end.
                output.Advance(received.Count);
                await output.FlushAsync().ConfigureAwait(false);
            }
        }
        catch (Exception lost) when (lost is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The client is gone, or the connection was aborted: the reader sees the end.
        }

        await output.CompleteAsync().ConfigureAwait(false);
    }

    private static async Task SendAsync(WebSocket socket, PipeReader input)
    {
        try
        {
            while (await input.ReadAsync().ConfigureAwait(false) is var result && !(result.IsCompleted && result.Buffer.IsEmpty))
            {
                foreach (var part in result.Buffer)
                {
                    await socket.SendAsync(part, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None)
                        .ConfigureAwait(false);
                }

                input.AdvanceTo(result.Buffer.End);
            }

            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception lost) when (lost is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The client is gone, or the connection was aborted: the writer sees the end.
        }

        await input.CompleteAsync().ConfigureAwait(false);
    }
}
