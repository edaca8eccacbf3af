using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Dashboard;

/// <summary>Refuses to start an application whose dashboard cannot be shown: before anything else is started.</summary>
internal sealed class DashboardChecks(DashboardSettings settings) : IBeforeStartStep
{
    public Task RunAsync(DistributedApplicationModel model, CancellationToken cancellationToken)
    {
        settings.Validate();
        if (!File.Exists(settings.ExecutablePath))
        {
            throw new StartRefusedException("The Aspire dashboard is not installed: start ./run in the repository's root once, which installs it.");
        }

        if (BusyPorts.Find(settings) is var (setting, url))
        {
            throw new StartRefusedException(BusyPorts.Explain(setting, url));
        }

        return Task.CompletedTask;
    }
}
