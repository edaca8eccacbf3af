using Azure.Provisioning.ServiceBus;

var builder = DistributedApplication.CreateBuilder(args);

builder.AddAzureContainerAppEnvironment("env");

var messaging = builder.AddAzureServiceBus("messaging");
_ = builder.Configuration["broker"] switch // --broker: what the namespace runs on here
{
    null or "embedded" => messaging.RunAsEmbedded(),
    "container" => messaging.RunAsEmulator(),
    "azure" => messaging.RunAsExistingNamespace(),
    var other => throw new DistributedApplicationException($"There is no broker '{other}'. Write --broker embedded, container or azure."),
};
var jobs = messaging.AddServiceBusQueue("jobs").WithProperties(queue =>
{
    queue.MaxDeliveryCount = 5;
    queue.LockDuration = TimeSpan.FromMinutes(1);
});
var results = messaging.AddServiceBusQueue("results").WithProperties(queue => queue.RequiresDuplicateDetection = true);

builder.AddProject<Projects.KedaJobs_Producer>("producer")
    .WithReference(jobs).WithReference(results).WaitFor(jobs)
    .WithRoleAssignments(messaging, ServiceBusBuiltInRole.AzureServiceBusDataSender, ServiceBusBuiltInRole.AzureServiceBusDataReceiver)
    .WithHttpHealthCheck("/health")
    .WithoutHttpsCertificate() // plain HTTP on the loopback interface here; Container Apps adds HTTPS
    .WithExternalHttpEndpoints();

builder.AddProject<Projects.KedaJobs_Worker>("worker")
    .WithReference(jobs).WithReference(results)
    .AsEventJob(jobs, job =>
    {
        job.MessageCount = 5; // messages that one execution should take
        job.MaxExecutions = 10;
        job.PollingInterval = TimeSpan.FromSeconds(30);
        job.ReplicaTimeout = TimeSpan.FromMinutes(10);
        job.ReplicaRetryLimit = 1;
    })
    .WithJobLibrary();

builder.Build().Run();
