using KedaJobs.Contracts;
using KedaJobs.Jobs;
using KedaJobs.ServiceDefaults;
using KedaJobs.Worker;
using KedaJobs.Worker.Handlers;
using Microsoft.Extensions.DependencyInjection;

return await QueueJobHost.RunAsync(args, builder => builder
    .AddTelemetry()
    .AddQueueJob("jobs", options => options.ResultsConnection = "results")
    .AddTask(JobTasks.WordCount, _ => new WordCountHandler())
    .AddTask(JobTasks.Primes, _ => new PrimesHandler())
    .AddTask(JobTasks.Delay, services => new DelayHandler(services.GetRequiredService<TimeProvider>()))
    .AddTask(JobTasks.Fail, _ => new FailHandler()));
