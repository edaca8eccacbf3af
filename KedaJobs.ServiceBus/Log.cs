namespace KedaJobs.ServiceBus;

/// <summary>What the broker says.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Service Bus broker listens on localhost:{Port} (AMQP and management), {Queues} queues, {Topics} topics.")]
    public static partial void Listening(ILogger logger, int port, int queues, int topics);

    [LoggerMessage(2, LogLevel.Information, "Service Bus broker has stopped.")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(3, LogLevel.Debug, "Connection {Connection}: the client did not finish its AMQP handshake: {Problem}")]
    public static partial void HandshakeFailed(ILogger logger, string connection, string problem);

    [LoggerMessage(4, LogLevel.Error, "A management request failed inside the broker: {Method} {Path}")]
    public static partial void ManagementFailed(ILogger logger, Exception failure, string method, string path);
}
