// The resources of KedaJobs.AppHost in plain Aspire: the broker runs already, and the worker waits for a click.
var builder = DistributedApplication.CreateBuilder(args);

var jobs = builder.AddConnectionString("jobs");
var results = builder.AddConnectionString("results");

builder.AddProject<Projects.KedaJobs_Producer>("producer")
    .WithReference(jobs).WithReference(results)
    .WithHttpHealthCheck("/health")
    .WithoutHttpsCertificate()
    .WithExternalHttpEndpoints();

builder.AddProject<Projects.KedaJobs_Worker>("worker")
    .WithReference(jobs).WithReference(results)
    .WithoutHttpsCertificate()
    .WithExplicitStart();

builder.Build().Run();
