using Amqp;
using Amqp.Listener;

namespace KedaJobs.Benchmarks.Peers;

/// <summary>Accepts every message and forgets it.</summary>
internal sealed class CountingListener : IMessageProcessor
{
    private const int Window = 1000;

    int IMessageProcessor.Credit => Window;

    void IMessageProcessor.Process(MessageContext messageContext) => messageContext.Complete();

    public static async Task RunAsync(int port, CancellationToken cancellationToken)
    {
        var host = new ContainerHost(new Address($"amqp://127.0.0.1:{port}"));
        host.RegisterMessageProcessor("load", new CountingListener());
        host.Open();
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            host.Close();
        }
    }
}
