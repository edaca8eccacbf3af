using System.CommandLine;
using BenchmarkDotNet.Running;
using KedaJobs.Benchmarks.Durability;
using KedaJobs.Benchmarks.Load;
using KedaJobs.Benchmarks.Peers;
using KedaJobs.Benchmarks.Planning;
using KedaJobs.Benchmarks.Start;

var messages = new Option<int>("--messages") { Description = "Messages a figure.", DefaultValueFactory = _ => 50_000 };
var rounds = new Option<int>("--rounds") { Description = "Rounds; medians are printed.", DefaultValueFactory = _ => 3 };
var host = new Option<FileInfo>("--host") { Description = "KedaJobs.ServiceBus.Host.dll, built in Release.", Required = true };
var withoutRabbitMq = new Option<bool>("--without-rabbitmq") { Description = "Leave RabbitMQ out: sooner, while working on the broker." };
var rabbitMqRoot = new Option<DirectoryInfo>("--rabbitmq-root")
{
    Description = "A folder with another Debian whose RabbitMQ is measured: see eng/rabbitmq-4.sh.",
};
var broker = new Command("broker", "The embedded broker beside RabbitMQ and a listener that only counts.")
{
    messages, rounds, host, withoutRabbitMq, rabbitMqRoot
};
broker.SetAction((arguments, cancellationToken) => BrokerRun.RunAsync(
    arguments.GetRequiredValue(host).FullName,
    arguments.GetValue(messages),
    arguments.GetValue(rounds),
    !arguments.GetValue(withoutRabbitMq),
    arguments.GetValue(rabbitMqRoot)?.FullName.TrimEnd('/'),
    cancellationToken));

var baseline = new Option<FileInfo>("--baseline")
{
    Description = "KedaJobs.ServiceBus.Host.dll of the build to compare with, built in Release.",
    Required = true,
};
var isDurable = new Option<bool>("--durable") { Description = "Both with a data directory." };
var connections = new Option<int>("--connections") { Description = "Connections that carry the load.", DefaultValueFactory = _ => 1 };
var compare = new Command(
    "compare", "Two builds of the broker, in turns: what a change costs or gains, also on a machine that does other things.")
{
    baseline, host, isDurable, connections, messages, rounds,
};
compare.SetAction((arguments, cancellationToken) => CompareRun.RunAsync(
    arguments.GetRequiredValue(baseline).FullName,
    arguments.GetRequiredValue(host).FullName,
    arguments.GetValue(isDurable),
    arguments.GetValue(connections),
    arguments.GetValue(messages),
    arguments.GetValue(rounds),
    cancellationToken));

var port = new Argument<int>("port");
var listen = new Command("listen", "The counting listener that 'broker' starts.") { port };
listen.SetAction((arguments, cancellationToken) => CountingListener.RunAsync(arguments.GetValue(port), cancellationToken));

var durability = new Command("durability", "The broker's log beside sqlite: taking in, settling, coming back.") { messages, rounds };
durability.SetAction(arguments => DurabilityRun.Run(arguments.GetValue(messages), arguments.GetValue(rounds)));

var root = new Option<DirectoryInfo>("--root") { Description = "The repository, its AppHosts built in Release.", Required = true };
var starts = new Option<int>("--rounds") { Description = "Starts of each AppHost; medians are printed.", DefaultValueFactory = _ => 5 };
var start = new Command("start", "A start of the AppHost beside one of the same services without KedaJobs.") { root, starts };
start.SetAction((arguments, cancellationToken) => AppHostStart.RunAsync(
    arguments.GetRequiredValue(root).FullName, arguments.GetValue(starts), cancellationToken));

var published =
    new Option<DirectoryInfo>("--published") { Description = "The published programs; eng/bench-worker.sh makes them.", Required = true };
var executions =
    new Option<int>("--rounds") { Description = "Executions of each program; medians are printed.", DefaultValueFactory = _ => 15 };
var worker = new Command("worker", "An execution of one message beside a bare program on the official client.") { published, executions };
worker.SetAction((arguments, cancellationToken) => WorkerStart.RunAsync(
    arguments.GetRequiredValue(published).FullName, arguments.GetValue(executions), cancellationToken));

var simulated = new Option<int>("--messages")
{
    Description = "Messages of the smaller day; the larger has ten times as many.",
    DefaultValueFactory = _ => 1_000_000,
};
var planner =
    new Command("planner", "A simulated day, ten times the messages beside it, and a sweep of 500 settings.") { simulated, rounds };
planner.SetAction((arguments, cancellationToken) => PlannerRun.RunAsync(
    arguments.GetValue(simulated), arguments.GetValue(rounds), cancellationToken));

var micro = new Command("micro", "BenchmarkDotNet; further arguments are its own.") { TreatUnmatchedTokensAsErrors = false };
micro.SetAction(arguments => { BenchmarkSwitcher.FromAssembly(typeof(Figures).Assembly).Run([.. arguments.UnmatchedTokens]); });

return await new RootCommand("Side-by-side measurements; see docs/performance.md.")
{
    broker, compare, durability, planner, start, worker, micro, listen,
}.Parse(args).InvokeAsync();
