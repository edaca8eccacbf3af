using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace KedaJobs.Benchmarks.Peers;

/// <summary>Starting, probing and ending a peer's process.</summary>
internal static class PeerProcess
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(20);

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static Process Start(string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[key] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{file} did not start.");
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Waits until an AMQP connection can be opened.</summary>
    public static async Task<TimeSpan> ReadyAsync(Process process, Func<Task<Amqp.Connection>> connect, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                var connection = await connect();
                await connection.CloseAsync();
                return clock.Elapsed;
            }
            catch (Exception error) when (error is SocketException or Amqp.AmqpException or IOException or TimeoutException)
            {
                if (process.HasExited)
                {
                    throw new InvalidOperationException(
                        $"{process.StartInfo.FileName} ended with exit code {process.ExitCode} before it served.", error);
                }

                if (clock.Elapsed > ReadyWithin)
                {
                    throw new TimeoutException($"{process.StartInfo.FileName} did not serve within {ReadyWithin.TotalSeconds:0} s.", error);
                }

                await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken);
            }
        }
    }

    public static async Task EndAsync(Process? process)
    {
        if (process is null)
        {
            return;
        }

        if (!process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            using var patience = new CancellationTokenSource(EndsWithin);
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        process.Dispose();
    }

    /// <summary>The processor time that a process has used.</summary>
    public static TimeSpan CpuTime(int processId)
    {
        using var process = Process.GetProcessById(processId);
        return process.TotalProcessorTime;
    }

    /// <summary>Resident memory of a process and its children, in MiB (Linux).</summary>
    public static double ResidentMiB(int processId)
    {
        var total = Read(processId);
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var id) && ParentOf(id) == processId)
            {
                total += ResidentMiB(id);
            }
        }

        return total;

        static double Read(int id) =>
            File.ReadLines($"/proc/{id}/status").FirstOrDefault(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)) is { } line
                ? double.Parse(
                    line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) / 1024
                : 0;
    }

    private static int? ParentOf(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null; // ended between the listing and the read
        }
    }
}
