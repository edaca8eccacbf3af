using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Aspire.Hosting.Projects;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Offline;

/// <summary>An AppHost with its dashboard as a process: what it prints, and what is left when it is gone.</summary>
public sealed partial class DashboardHostProcessTests
{
    [DashboardFact]
    public async Task The_login_line_is_printed_and_nothing_is_left_of_a_killed_host()
    {
        using var host = Start("http://127.0.0.1:0");
        Uri? login = null;
        await Eventually.SucceedsAsync(
            "the login link is printed",
            () => login = new Uri(Login().Matches(string.Join('\n', host.Output.Entries)).Single().Groups[1].Value));
        using var http = new HttpClient();
        using (var page = await http.GetAsync(login))
        {
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        }

        host.Process.Kill();

        await Eventually.SucceedsAsync(
            "nobody listens any more",
            async () => Assert.IsType<SocketException>((await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(login))).InnerException));
    }

    [DashboardFact]
    public async Task A_busy_port_is_one_line_and_a_failure()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        using var host = Start($"http://localhost:{((IPEndPoint)other.LocalEndpoint).Port}");

        await host.Process.WaitForExitAsync().WaitAsync(Eventually.DefaultDeadline);

        Assert.Equal(1, host.Process.ExitCode);
        var line = Assert.Single((await host.Process.StandardError.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("is in use by another program", line, StringComparison.Ordinal);
    }

    private static RunningHost Start(string dashboardUrl)
    {
        var start = new ProcessStartInfo(
            ProjectOutput.DotnetPath,
            [
                typeof(OfflineHostProgram).Assembly.Location,
                OfflineHostProgram.Argument,
                OfflineHostProgram.WithDashboard,
                $"--ASPNETCORE_URLS={dashboardUrl}",
                "--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://127.0.0.1:0",
                "--ASPIRE_ALLOW_UNSECURED_TRANSPORT=true",
                $"--DcpPublisher:DashboardPath={DashboardFactAttribute.ExecutablePath}",
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var host = new RunningHost(Process.Start(start)!);
        host.Process.OutputDataReceived += (_, line) => host.Output.Add(line.Data ?? "");
        host.Process.BeginOutputReadLine();
        return host;
    }

    private sealed record RunningHost(Process Process) : IDisposable
    {
        public Record Output { get; } = new();

        public void Dispose()
        {
            Process.Kill(entireProcessTree: true);
            Process.Dispose();
        }
    }

    [GeneratedRegex(@"^\s*Login to the dashboard at (http://\S+/login\?t=[0-9a-f]{32})$", RegexOptions.Multiline)]
    private static partial Regex Login();
}
