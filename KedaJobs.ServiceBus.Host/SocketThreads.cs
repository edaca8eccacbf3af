namespace KedaJobs.ServiceBus.Host;

/// <summary>
/// Has the threads that wait for sockets also handle what arrives, instead of handing it to the thread pool: the broker
/// handles a frame faster than another thread wakes up. There is one such thread for each processor, and
/// each serves several connections, so nothing in this process may block one while it waits for a socket.
/// </summary>
internal static class SocketThreads
{
    /// <summary>The .NET runtime's switch on Linux and macOS (System.Net.Sockets, SocketAsyncEngine).</summary>
    private const string Switch = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>To be called before the first socket is made. What the environment says already stays.</summary>
    public static void RunContinuations()
    {
        if (Environment.GetEnvironmentVariable(Switch) is null)
        {
            Environment.SetEnvironmentVariable(Switch, "1");
        }
    }
}
