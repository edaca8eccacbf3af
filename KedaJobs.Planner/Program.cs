using KedaJobs.Planner;

await using var output = Console.OpenStandardOutput();
return await PlannerCommandLine.RunAsync(args, new(Console.OpenStandardInput(), output, Console.Error));
