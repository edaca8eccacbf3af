using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Dashboard;

/// <summary>The dashboard itself, as a hidden row with its own log. Nothing starts or stops it but its host.</summary>
internal sealed class DashboardResource : Resource
{
    public DashboardResource()
        : base("aspire-dashboard")
    {
        Annotations.Add(new ResourceSnapshotAnnotation(new CustomResourceSnapshot
        {
            ResourceType = "Executable",
            Properties = [],
            IsHidden = true,
            State = KnownResourceStates.NotStarted,
        }));
    }
}
