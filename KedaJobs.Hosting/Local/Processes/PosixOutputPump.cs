using System.Collections.Concurrent;
using System.IO.Pipes;
using System.Runtime.InteropServices;

namespace KedaJobs.Hosting.Local.Processes;

/// <summary>Reads the output of all replicas with one thread.</summary>
/// <remarks>
/// .NET reads a process's pipes with blocking calls, and a blocking read cannot be given up: a descendant that outlives its execution and
/// keeps the pipe would keep a thread and a descriptor here for as long as it lives, and what it writes would still arrive. So this waits
/// for all pipes together (poll(2)), reads only what is there, and can close any of them at any time.
/// </remarks>
internal sealed class PosixOutputPump
{
    private const short PollIn = 0x001;
    private const int InterruptedCall = 4;
    private const int TryAgain = 11;
    private const int TryAgainOnMac = 35;

    private static readonly Lazy<PosixOutputPump> Instance = new(() => new PosixOutputPump());

    private readonly AnonymousPipeServerStream _wakeWriter = new(PipeDirection.Out);
    private readonly AnonymousPipeClientStream _wakeReader;
    private readonly ConcurrentQueue<Source> _added = new();
    private readonly List<Source> _sources = [];
    private readonly byte[] _buffer = new byte[64 * 1024];

    private PosixOutputPump()
    {
        _wakeReader = new(PipeDirection.In, _wakeWriter.ClientSafePipeHandle);
        new Thread(Run) { IsBackground = true, Name = "replica output" }.Start();
    }

    public static PosixOutputPump Shared => Instance.Value;

    /// <summary>Reads the pipe to its end or until it is closed, and closes it then.</summary>
    public IReplicaOutputReader Add(PipeStream pipe, Action<string> write)
    {
        var source = new Source(this, pipe, write);
        _added.Enqueue(source);
        Wake();
        return source;
    }

    private void Wake()
    {
        lock (_wakeWriter)
        {
            _wakeWriter.WriteByte(0);
        }
    }

    private void Run()
    {
        var waits = Array.Empty<PollDescriptor>();
        while (true)
        {
            while (_added.TryDequeue(out var source))
            {
                _sources.Add(source);
            }

            _sources.RemoveAll(source => source.EndIfClosed());
            if (waits.Length != _sources.Count + 1)
            {
                waits = new PollDescriptor[_sources.Count + 1];
            }

            waits[0] = new() { Descriptor = Descriptor(_wakeReader), Events = PollIn };
            for (var index = 0; index < _sources.Count; index++)
            {
                waits[index + 1] = new() { Descriptor = _sources[index].Descriptor, Events = PollIn };
            }

            if (Poll(waits, (nuint)waits.Length, timeout: -1) < 0)
            {
                // Interrupted by a signal; anything else would be a wrong argument.
                continue;
            }

            if (waits[0].Returned != 0)
            {
                _wakeReader.ReadByte();
            }

            for (var index = _sources.Count - 1; index >= 0; index--)
            {
                if (waits[index + 1].Returned != 0 && !_sources[index].ReadOnce(_buffer))
                {
                    _sources.RemoveAt(index);
                }
            }
        }
    }

    private static int Descriptor(PipeStream pipe) => (int)pipe.SafePipeHandle.DangerousGetHandle();

    [DllImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static extern int Poll([In, Out] PollDescriptor[] descriptors, nuint count, int timeout);

    [DllImport("libc", EntryPoint = "read", SetLastError = true)]
    private static extern nint Read(int descriptor, byte[] buffer, nuint count);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    /// <summary>One pipe. Everything but <see cref="Close"/> happens on the pump's thread.</summary>
    private sealed class Source(PosixOutputPump pump, PipeStream pipe, Action<string> write) : IReplicaOutputReader
    {
        private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly LineSplitter _lines = new(write);
        private volatile bool _isClosed;

        public Task Completion => _completion.Task;

        public int Descriptor { get; } = PosixOutputPump.Descriptor(pipe);

        public void Close()
        {
            _isClosed = true;
            pump.Wake();
        }

        public bool EndIfClosed()
        {
            if (_isClosed)
            {
                End();
            }

            return _isClosed;
        }

        /// <summary>Reads what is there.</summary>
        /// <returns>Whether more can come.</returns>
        public bool ReadOnce(byte[] buffer)
        {
            if (_isClosed)
            {
                End();
                return false;
            }

            var count = Read(Descriptor, buffer, (nuint)buffer.Length);
            if (count < 0 && Marshal.GetLastPInvokeError() is InterruptedCall or TryAgain or TryAgainOnMac)
            {
                return true;
            }

            try
            {
                if (count > 0)
                {
                    _lines.Add(buffer.AsSpan(0, (int)count));
                    return true;
                }

                _lines.End();
            }
            catch (Exception exception)
            {
                // The receiver of the lines failed; the output of the other replicas continues.
                _completion.TrySetException(exception);
            }

            End();
            return false;
        }

        private void End()
        {
            pipe.Dispose();
            _completion.TrySetResult();
        }
    }
}
