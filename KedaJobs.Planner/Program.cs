using KedaJobs.Planner;

await using var output = Console.OpenStandardOutput();
return await PlannerCommandLine.RunAsync(args, new(Console.OpenStandardInput(), output, Console.Error)
{
    OutputWidth = Console.IsOutputRedirected ? null : Console.WindowWidth,
    ErrorWidth = Console.IsErrorRedirected ? null : Console.WindowWidth,
});
