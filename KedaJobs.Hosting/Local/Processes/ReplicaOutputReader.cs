using System.IO.Pipes;

namespace KedaJobs.Hosting.Local.Processes;

/// <summary>Passes on what comes through one of a process's output streams, line by line.</summary>
internal interface IReplicaOutputReader
{
    /// <summary>Ends when the stream has, or when it was closed; nothing is passed on afterwards.</summary>
    Task Completion { get; }

    /// <summary>Stops reading, even if another process still holds the other end.</summary>
    void Close();
}

internal static class ReplicaOutputReader
{
    public static IReplicaOutputReader Start(StreamReader stream, Action<string> write) =>
        !OperatingSystem.IsWindows() && stream.BaseStream is PipeStream pipe
            ? PosixOutputPump.Shared.Add(pipe, write)
            : new BlockingOutputReader(stream, write);

    /// <summary>
    /// A thread that blocks in reads: a blocked pool thread would starve the broker beside us. For Windows, where the job object ends every
    /// descendant, and with them the stream.
    /// </summary>
    private sealed class BlockingOutputReader : IReplicaOutputReader
    {
        private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Lock _gate = new();
        private bool _isClosed;

        public BlockingOutputReader(StreamReader stream, Action<string> write) =>
            new Thread(() => Run(stream, write)) { IsBackground = true, Name = "replica output" }.Start();

        public Task Completion => _completion.Task;

        public void Close()
        {
            lock (_gate)
            {
                _isClosed = true;
            }

            _completion.TrySetResult();
        }

        private void Run(StreamReader stream, Action<string> write)
        {
            try
            {
                while (stream.ReadLine() is { } line)
                {
                    lock (_gate)
                    {
                        if (_isClosed)
                        {
                            return;
                        }

                        write(line);
                    }
                }
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                // Closed under the reader.
            }
            finally
            {
                stream.Dispose();
                _completion.TrySetResult();
            }
        }
    }
}
