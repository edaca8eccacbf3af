namespace KedaJobs.ServiceBus;

/// <summary>What the broker says.</summary>
internal static partial class Log
{
    [LoggerMessage(
        1, LogLevel.Information, "Service Bus broker listens on localhost:{Port} (AMQP and management), {Queues} queues, {Topics} topics.")]
    public static partial void Listening(ILogger logger, int port, int queues, int topics);

    [LoggerMessage(2, LogLevel.Information, "Service Bus broker has stopped.")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(3, LogLevel.Debug, "Connection {Connection}: the client did not finish its handshake: {Problem}")]
    public static partial void HandshakeFailed(ILogger logger, string connection, string problem);

    [LoggerMessage(4, LogLevel.Error, "A management request failed inside the broker: {Method} {Path}")]
    public static partial void ManagementFailed(ILogger logger, Exception failure, string method, string path);

    [LoggerMessage(
        5, LogLevel.Warning,
        "The end of the broker's log was not written completely: {Bytes} bytes are cut off. Nothing of it was acknowledged to a client.")]
    public static partial void TornTail(ILogger logger, long bytes);

    [LoggerMessage(
        6, LogLevel.Information,
        "Restored {Queues} queues with {Messages} messages from the data directory: {Bytes} bytes in {Milliseconds} ms.")]
    public static partial void Recovered(ILogger logger, int queues, int messages, long bytes, long milliseconds);

    [LoggerMessage(7, LogLevel.Critical, "The broker is stopping: it can no longer write to its data directory '{Directory}'. "
        + "What it acknowledged is on disk. Free some space or repair the disk, then start it again.")]
    public static partial void DataDirectoryFailed(ILogger logger, Exception failure, string directory);

    [LoggerMessage(8, LogLevel.Error, "A client could not be told that its message or settlement is safe.")]
    public static partial void AnswerFailed(ILogger logger, Exception failure);

    [LoggerMessage(9, LogLevel.Debug, "Connection {Connection}: {What} was refused or ended with {Condition}: {Description}")]
    public static partial void Refused(ILogger logger, string connection, string what, string condition, string description);

    [LoggerMessage(10, LogLevel.Error, "Connection {Connection} is closed: the broker failed at one of its frames.")]
    public static partial void ConnectionFailed(ILogger logger, Exception failure, string connection);

    [LoggerMessage(
        11, LogLevel.Warning,
        "{Client} speaks TLS, which this broker does not: give it a certificate (BrokerOptions.Certificate, or --tls of the program), "
            + "or have the client connect without TLS (UseDevelopmentEmulator=true). Its connection is closed.")]
    public static partial void TlsIsOff(ILogger logger, System.Net.EndPoint? client);

    [LoggerMessage(
        12, LogLevel.Warning, "{Client} speaks neither AMQP nor HTTP nor TLS; its first bytes are {Bytes}. Its connection is closed.")]
    public static partial void UnknownProtocol(ILogger logger, System.Net.EndPoint? client, string bytes);

    [LoggerMessage(13, LogLevel.Debug, "The management request {Method} {Path} was refused with status {Status}: {Reason}")]
    public static partial void ManagementRefused(ILogger logger, string method, string path, int status, string reason);
}
