using KedaJobs.Contracts;
using KedaJobs.Worker;
using KedaJobs.Worker.Handlers;

return await JobHost.RunAsync(args, builder => builder.Services
    .AddJobHandler(JobTasks.WordCount, _ => new WordCountHandler())
    .AddJobHandler(JobTasks.Primes, _ => new PrimesHandler())
    .AddJobHandler(JobTasks.Delay, services => new DelayHandler(services.GetRequiredService<TimeProvider>()))
    .AddJobHandler(JobTasks.Fail, _ => new FailHandler()));
