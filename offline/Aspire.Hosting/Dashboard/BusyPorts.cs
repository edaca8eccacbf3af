using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Dashboard;

/// <summary>Finds the address that another program holds, so that its port can be named.</summary>
internal static class BusyPorts
{
    /// <summary>The first address that cannot be listened on, with its setting; null when all can.</summary>
    public static (string Setting, Uri Url)? Find(DashboardSettings settings)
    {
        foreach (var (setting, urls) in settings.Addresses)
        {
            foreach (var text in urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                var url = new Uri(text);
                if (url.Port != 0 && IsBusy(url))
                {
                    return (setting, url);
                }
            }
        }

        return null;
    }

    public static string Explain(string setting, Uri url) =>
        $"Port {url.Port} ({What(setting)}) is in use by another program: stop that one (perhaps an AppHost that still runs), " +
        $"or choose another port with {setting} in the AppHost's launch profile.";

    private static string What(string setting) => setting switch
    {
        "ASPNETCORE_URLS" => "the dashboard",
        "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL" => "the dashboard's resource service",
        _ => "the dashboard's telemetry",
    };

    private static bool IsBusy(Uri url)
    {
        IPAddress[] addresses = IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) ? [address] : [IPAddress.Loopback, IPAddress.IPv6Loopback];
        foreach (var each in addresses)
        {
            try
            {
                using var listener = new TcpListener(each, url.Port);
                listener.Start();
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                return true;
            }
            catch (SocketException)
            {
                // A machine without IPv6: the dashboard does without it, too.
            }
        }

        return false;
    }
}
