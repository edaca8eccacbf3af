using Aspire.Hosting.Eventing;

namespace Aspire.Hosting.ApplicationModel
{
    public class BeforeStartEvent(IServiceProvider services, DistributedApplicationModel model) : IDistributedApplicationEvent
    {
        public IServiceProvider Services { get; } = services;

        public DistributedApplicationModel Model { get; } = model;
    }

    public class AfterResourcesCreatedEvent(IServiceProvider services, DistributedApplicationModel model) : IDistributedApplicationEvent
    {
        public IServiceProvider Services { get; } = services;

        public DistributedApplicationModel Model { get; } = model;
    }
}

namespace Aspire.Hosting.Publishing
{
    public sealed class BeforePublishEvent(IServiceProvider services, ApplicationModel.DistributedApplicationModel model) : IDistributedApplicationEvent
    {
        public IServiceProvider Services { get; } = services;

        public ApplicationModel.DistributedApplicationModel Model { get; } = model;
    }

    public sealed class AfterPublishEvent(IServiceProvider services, ApplicationModel.DistributedApplicationModel model) : IDistributedApplicationEvent
    {
        public IServiceProvider Services { get; } = services;

        public ApplicationModel.DistributedApplicationModel Model { get; } = model;
    }
}
