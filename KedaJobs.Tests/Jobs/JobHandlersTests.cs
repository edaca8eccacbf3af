using System.Text;
using System.Text.Json.Serialization;
using Azure.Messaging.ServiceBus;
using KedaJobs.Jobs;
using KedaJobs.Jobs.Handling;
using Microsoft.Extensions.DependencyInjection;

namespace KedaJobs.Tests.Jobs;

public sealed partial class JobHandlersTests : IDisposable
{
    private readonly List<string> _told = [];
    private readonly ServiceProvider _services = new ServiceCollection().BuildServiceProvider();

    public void Dispose() => _services.Dispose();

    // subject, body -> who handles it, and what it got
    [Theory]
    [InlineData("OrderPlaced", """{"Number":7}""", "OrderPlaced: 7")]
    [InlineData("refund", """{"Number":8}""", "refund: 8")] // a subject of one's own
    [InlineData("OrderPlaced", """{"task":"resize","input":{"Number":9}}""", "OrderPlaced: 0")] // the subject goes first
    [InlineData("anything", """{"task":"resize","input":{"Number":9}}""", "resize: 9")]
    [InlineData(null, """{"task":"resize","input":{"Number":9},"newer":true}""", "resize: 9")]
    [InlineData(null, """{"task":"unknown","input":{}}""", "default")]
    [InlineData("other", "not even JSON", "default")]
    public async Task EachMessageGoesToItsHandler(string? subject, string body, string expected)
    {
        var handlers = Job()
            .AddMessageHandler(Json.Default.OrderPlaced, _ => new Told(_told, "OrderPlaced"))
            .AddMessageHandler(Json.Default.OrderPlaced, Json.Default.String, _ => new Told(_told, "refund"), "refund")
            .AddTaskHandler("resize", Json.Default.OrderPlaced, Json.Default.String, _ => new Told(_told, "resize"))
            .AddDefaultHandler(_ => new Anything(_told))
            .Build(_services);

        var output = await InvokeAsync(handlers, FakeQueue.Message(body, subject: subject));

        Assert.Equal([expected], _told);
        Assert.Equal(expected is "resize: 9" or "refund: 8" ? $"\"{expected}\"" : null, output);
    }

    [Fact]
    public async Task One_type_of_message_needs_no_subject()
    {
        var handlers = Job().AddMessageHandler(Json.Default.OrderPlaced, _ => new Told(_told, "OrderPlaced")).Build(_services);

        await InvokeAsync(handlers, FakeQueue.Message("""{"Number":3}"""));

        Assert.Equal(["OrderPlaced: 3"], _told);
        Assert.Equal(
            ("UnknownSubject", "There is no handler for the subject 'else'. This worker knows: OrderPlaced."),
            await RejectionAsync(handlers, FakeQueue.Message("{}", subject: "else")));
    }

    [Theory]
    [InlineData("nonsense", "MalformedMessage")]
    [InlineData("null", "MalformedMessage")]
    [InlineData("""{"Number":"seven"}""", "MalformedMessage")]
    public async Task A_body_that_is_not_the_type_is_rejected(string body, string reason)
    {
        var handlers = Job().AddMessageHandler(Json.Default.OrderPlaced, _ => new Told(_told, "OrderPlaced")).Build(_services);

        Assert.Equal(reason, (await RejectionAsync(handlers, FakeQueue.Message(body))).Reason);
    }

    [Theory]
    [InlineData("""{"task":"resize"}""", "The field 'input' is missing.")]
    [InlineData("""{"task":"resize","input":null}""", "The field 'input' is missing.")]
    public async Task A_missing_input_is_rejected(string body, string description)
    {
        var handlers = Job().AddTaskHandler("resize", Json.Default.OrderPlaced, _ => new Told(_told, "resize")).Build(_services);

        Assert.Equal(("InvalidInput", description), await RejectionAsync(handlers, FakeQueue.Message(body)));
    }

    [Fact]
    public void Two_handlers_for_one_thing_are_refused()
    {
        Assert.Equal("Task 'resize' already has a handler.", Refused(Job()
            .AddTaskHandler("resize", Json.Default.OrderPlaced, _ => new Told(_told, "a"))
            .AddTaskHandler("resize", Json.Default.OrderPlaced, _ => new Told(_told, "b"))));
        Assert.Equal("Messages with the subject 'OrderPlaced' already have a handler.", Refused(Job()
            .AddMessageHandler(Json.Default.OrderPlaced, _ => new Told(_told, "a"))
            .AddMessageHandler(Json.Default.OrderPlaced, _ => new Told(_told, "b"))));
        Assert.Equal(
            "There is already a default handler.",
            Refused(Job().AddDefaultHandler(_ => new Anything(_told)).AddDefaultHandler(_ => new Anything(_told))));

        string Refused(QueueJobBuilder job) => Assert.Throws<QueueJobConfigurationException>(() => job.Build(_services)).Message;
    }

    [Fact]
    public void A_job_without_handlers_is_refused() => Assert.Equal(
        "The queue job 'jobs' has no handler. Call AddTaskHandler, AddMessageHandler or AddDefaultHandler.",
        Assert.Throws<QueueJobConfigurationException>(() => Job().Build(_services).RequireAny("jobs")).Message);

    /// <summary>The producer reads what the library writes, and neither knows the other.</summary>
    [Theory]
    [InlineData(KedaJobs.Contracts.JobProperties.JobId, JobProperties.JobId)]
    [InlineData(KedaJobs.Contracts.JobProperties.LastError, JobProperties.LastError)]
    [InlineData(KedaJobs.Contracts.JobProperties.LastErrorType, JobProperties.LastErrorType)]
    [InlineData(KedaJobs.Contracts.JobProperties.LastExecution, JobProperties.LastExecution)]
    public void Contracts_and_library_name_properties_alike(string contracts, string library) => Assert.Equal(contracts, library);

    private static QueueJobBuilder Job() => new(new ServiceCollection());

    private static async Task<string?> InvokeAsync(JobHandlers handlers, ServiceBusReceivedMessage message) =>
        await handlers.Find(message).InvokeAsync(new JobContext("job", 1), default) is { } output ? Encoding.UTF8.GetString(output) : null;

    private static async Task<(string Reason, string Description)> RejectionAsync(JobHandlers handlers, ServiceBusReceivedMessage message)
    {
        var rejection = await Assert.ThrowsAsync<JobRejectedException>(() => InvokeAsync(handlers, message));
        return (rejection.Reason, rejection.Message);
    }

    internal sealed record OrderPlaced(int Number);

    [JsonSerializable(typeof(OrderPlaced))]
    [JsonSerializable(typeof(string))]
    private sealed partial class Json : JsonSerializerContext;

    private sealed class Told(List<string> told, string name) : IJobHandler<OrderPlaced>, IJobHandler<OrderPlaced, string>
    {
        public Task HandleAsync(OrderPlaced input, JobContext job, CancellationToken cancellationToken)
        {
            told.Add($"{name}: {input.Number}");
            return Task.CompletedTask;
        }

        Task<string> IJobHandler<OrderPlaced, string>.HandleAsync(OrderPlaced input, JobContext job, CancellationToken cancellationToken)
        {
            told.Add($"{name}: {input.Number}");
            return Task.FromResult($"{name}: {input.Number}");
        }
    }

    private sealed class Anything(List<string> told) : IJobHandler<ServiceBusReceivedMessage>
    {
        public Task HandleAsync(ServiceBusReceivedMessage input, JobContext job, CancellationToken cancellationToken)
        {
            told.Add("default");
            return Task.CompletedTask;
        }
    }
}
