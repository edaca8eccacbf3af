using Azure.Messaging.ServiceBus;
using KedaJobs.Planner.Record;
using KedaJobs.Tests.Planner.Simulation;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Planner.Record;

public sealed class RecordTests : IDisposable
{
    // Of this test alone: the environment is the whole process's.
    private readonly string _variable = $"KEDAJOBS_RECORD_{Guid.NewGuid():N}";
    private readonly ScenarioFolder _folder = new();

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(_variable, null);
        _folder.Dispose();
    }

    [Fact]
    public async Task Every_waiting_message_is_in_the_trace_and_stays_in_the_queue()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var sender = broker.Client.CreateSender("jobs");
        for (var batch = 0; batch < 3; batch++)
        {
            await sender.SendMessagesAsync(
                Enumerable.Range(0, 200).Select(index => new ServiceBusMessage(new BinaryData(new byte[batch + 1]))));
        }

        Environment.SetEnvironmentVariable(_variable, broker.JobsConnection);
        var run = await PlannerRun.Of("", "record", _folder.At("trace.csv"), "--queue", "jobs", "--connection", _variable);
        Assert.Equal((0, $"600 messages recorded in {_folder.At("trace.csv")}.{Environment.NewLine}"), (run.ExitCode, run.Error));
        Assert.Equal(
            [200, 200, 200], TraceFile.Read(_folder.At("trace.csv")).GroupBy(message => message.Size).OrderBy(group => group.Key)
                .Select(group => group.Count()));

        await using var receiver = broker.Client.CreateReceiver("jobs");
        Assert.NotNull(await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(30)));

        var scenario = _folder.Write(
            "a.json", """{"queues":[{"arrivals":{"pattern":"trace","file":"trace.csv"}}],"work":{"secondsPerKiB":1024,"seconds":0}}""");
        var simulated = await PlannerRun.Of("", "simulate", scenario, "--json");
        Assert.Contains("\"completed\": 600", simulated.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Empty_queue_writes_nothing()
    {
        await using var broker = await JobsBroker.StartAsync();
        Environment.SetEnvironmentVariable(_variable, broker.JobsConnection);
        var run = await PlannerRun.Of("", "record", _folder.At("trace.csv"), "--queue", "jobs", "--connection", _variable);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("There is no message to record", run.Error, StringComparison.Ordinal);
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public async Task Unknown_queue_is_exit_code_4()
    {
        await using var broker = await JobsBroker.StartAsync();
        Environment.SetEnvironmentVariable(
            _variable, broker.JobsConnection[..broker.JobsConnection.IndexOf(";EntityPath", StringComparison.OrdinalIgnoreCase)]);
        var run = await PlannerRun.Of("", "record", _folder.At("trace.csv"), "--queue", "absent", "--connection", _variable);
        Assert.Equal(4, run.ExitCode);
        Assert.Contains("absent", run.Error, StringComparison.Ordinal);
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public async Task Missing_or_wrong_connection_is_refused()
    {
        var missing = await PlannerRun.Of("", "record", _folder.At("trace.csv"), "--queue", "jobs", "--connection", _variable);
        Assert.Equal(
            (2, $"The environment variable {_variable} is not set: set it to the connection string, "
                + $"or name another variable with --connection.{Environment.NewLine}"), (missing.ExitCode, missing.Error));

        Environment.SetEnvironmentVariable(_variable, "Server=localhost");
        var wrong = await PlannerRun.Of("", "record", _folder.At("trace.csv"), "--queue", "jobs", "--connection", _variable);
        Assert.Equal(2, wrong.ExitCode);
        Assert.StartsWith(
            $"The environment variable {_variable} does not hold a Service Bus connection string", wrong.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--queue", "a", "--topic", "b")]
    [InlineData("--topic", "a")]
    public async Task Queue_and_topic_exclude_each_other(params string[] arguments)
    {
        var run = await PlannerRun.Of("", ["record", "x.csv", .. arguments]);
        Assert.Equal((2, $"Name --queue, or --topic with --subscription. See --help.{Environment.NewLine}"), (run.ExitCode, run.Error));
    }
}
