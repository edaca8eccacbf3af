using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.ServiceBus;

/// <summary>The broker's host program as a process that can be killed.</summary>
internal sealed class BrokerProcess : IAsyncDisposable
{
    private static readonly string Program = FindProgram();

    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    private BrokerProcess(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
            {
                _errors.AppendLine(line.Data);
            }
        };
        process.BeginErrorReadLine();
    }

    public string ConnectionString { get; private set; } = "";

    public int ExitCode => _process.ExitCode;

    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString();
            }
        }
    }

    /// <summary>Starts a broker on a free port. When this returns, it listens.</summary>
    public static Task<BrokerProcess> StartAsync(string data, params string[] arguments) => StartAsync(data, [], arguments);

    /// <inheritdoc cref="StartAsync(string, string[])"/>
    public static async Task<BrokerProcess> StartAsync(string data, Dictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Program, "--port", "0", "--data", data, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var broker = new BrokerProcess(Process.Start(start)!);
        try
        {
            var line = await Eventually.InTimeAsync(
                "the broker prints its connection string", broker._process.StandardOutput.ReadLineAsync());
            broker.ConnectionString = line ?? throw new InvalidOperationException($"The broker ended: {broker.Errors}");
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs the program with arguments that it refuses.</summary>
    /// <returns>The exit code, and what it printed on standard error.</returns>
    public static async Task<(int ExitCode, string Errors)> RefuseAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Program, "--port", "0", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        await using var broker = new BrokerProcess(Process.Start(start)!);
        await broker.EndedAsync();
        return (broker.ExitCode, broker.Errors);
    }

    /// <summary>kill -9: the process does nothing more.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM: the process is asked to end, and does.</summary>
    [UnsupportedOSPlatform("windows")]
    public Task<bool> TerminateAsync()
    {
        Signals.Send(_process, "TERM");
        return EndedAsync();
    }

    public Task<bool> EndedAsync() => Eventually.InTimeAsync("the broker ends", EndAsync());

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private async Task<bool> EndAsync()
    {
        await _process.WaitForExitAsync();
        return true;
    }

    private static string FindProgram()
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(
            Repository.Root, "KedaJobs.ServiceBus.Host", "bin", framework.Parent!.Name, framework.Name, "KedaJobs.ServiceBus.Host.dll");
    }
}
