using System.Collections.Concurrent;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.ServiceBus;

namespace KedaJobs.Hosting.Local.WhatIf;

/// <summary>Remembers the load of every queue and subscription that triggers a job, as the embedded broker sees it.</summary>
internal sealed class LoadRecorder(DistributedApplicationModel model)
{
    private readonly ConcurrentDictionary<AzureServiceBusResource, Observer> _observers = new();

    /// <summary>The observer for the broker of a namespace; to be called when the model is complete.</summary>
    public IMessageObserver Observe(AzureServiceBusResource bus) => _observers.GetOrAdd(bus, static (bus, model) => new(model.Resources
        .SelectMany(resource => resource.Annotations.OfType<EventJobAnnotation>())
        .SelectMany(job => job.Triggers)
        .Where(trigger => trigger.Entity.Namespace == bus)
        .Select(trigger => trigger.Entity.Path)), model);

    /// <summary>The load of a trigger; null where no broker of this process holds it.</summary>
    public EntityLoad? Find(TriggerEntity trigger) => _observers.GetValueOrDefault(trigger.Namespace)?.Find(trigger.Path);

    private sealed class Observer(IEnumerable<string> entities) : IMessageObserver
    {
        private readonly Dictionary<string, EntityLoad> _loads =
            entities.Distinct(StringComparer.OrdinalIgnoreCase)
                .ToDictionary(entity => entity, _ => new EntityLoad(), StringComparer.OrdinalIgnoreCase);

        public EntityLoad? Find(string entity) => _loads.GetValueOrDefault(entity);

        public void Enqueued(string entity, DateTimeOffset time, long size) => Find(entity)?.Enqueued(time, size);

        public void Locked(string entity, long sequenceNumber, DateTimeOffset time) => Find(entity)?.Locked(sequenceNumber, time);

        public void Completed(string entity, long sequenceNumber, DateTimeOffset time) => Find(entity)?.Completed(sequenceNumber, time);
    }
}
