using Azure.Messaging.ServiceBus;
using KedaJobs.Contracts;
using KedaJobs.Producer.DeadLetters;

namespace KedaJobs.Tests.Producer;

public class RequeueRunTests
{
    [Fact]
    public void The_copy_keeps_the_job_and_loses_the_trail_of_its_failure()
    {
        var copy = RequeueRun.CopyOf(Letter(7, "job", new()
        {
            [JobProperties.LastError] = "boom",
            [JobProperties.LastErrorType] = "Boom",
            [JobProperties.LastExecution] = "worker-abc",
            ["Diagnostic-Id"] = "00-1-2-01",
        }));

        Assert.Equal(("requeued-7-job", "wordcount", "results", "{}"), (copy.MessageId, copy.Subject, copy.ReplyTo, copy.Body.ToString()));
        Assert.Equal(
            new Dictionary<string, object> { ["Diagnostic-Id"] = "00-1-2-01", [JobProperties.JobId] = "job" },
            copy.ApplicationProperties.ToDictionary());
    }

    [Fact]
    public void A_copy_of_a_copy_is_still_the_same_job()
    {
        var copy = RequeueRun.CopyOf(Letter(9, "requeued-7-job", new() { [JobProperties.JobId] = "job" }));

        Assert.Equal(("requeued-9-job", "job"), (copy.MessageId, copy.ApplicationProperties[JobProperties.JobId]));
    }

    [Fact]
    public void The_longest_id_still_makes_an_id() =>
        Assert.Equal(128, RequeueRun.CopyOf(Letter(7, new string('x', 128), [])).MessageId.Length);

    [Fact]
    public void Letters_of_other_jobs_are_passed_over()
    {
        var run = new RequeueRun(new HashSet<long> { 2, 3 });
        var letters = new[] { Letter(1, "a", []), Letter(2, "b", []), Letter(3, "b", []) };

        Assert.Equal(letters[1..], run.Choose(letters));
        Assert.Equal(letters[..1], run.PassedOver);
        Assert.True(run.IsOver);
        Assert.False(run.IsComplete);
        run.MarkRequeued(letters[1]);
        run.MarkRequeued(letters[2]);
        Assert.True(run.IsComplete);
    }

    [Fact]
    public void Nothing_received_is_the_end()
    {
        var run = new RequeueRun(null);

        Assert.Empty(run.Choose([]));
        Assert.True(run.IsOver);
    }

    [Fact]
    public void A_copy_that_failed_again_is_the_end_and_stays()
    {
        var run = new RequeueRun(null);
        run.MarkRequeued(run.Choose([Letter(1, "a", [])])[0]);

        Assert.Empty(run.Choose([Letter(5, "requeued-1-a", new() { [JobProperties.JobId] = "a" })]));
        Assert.True(run.IsOver);
        Assert.Single(run.PassedOver);
    }

    [Fact]
    public void A_letter_that_comes_again_is_the_end()
    {
        var run = new RequeueRun(new HashSet<long> { 2 });
        run.Choose([Letter(1, "a", [])]);

        Assert.Empty(run.Choose([Letter(1, "a", [])]));
        Assert.True(run.IsOver);
    }

    [Fact]
    public void The_search_ends_at_its_limit_of_bytes()
    {
        var search = new DeadLetterSearch("b");
        var half = new byte[DeadLetterSearch.MaxBytes / 2];

        search.Look([Letter(1, "a", [], half), Letter(2, "b", [], half), Letter(3, "b", [], half)]);
        Assert.False(search.IsAtLimit);
        search.Look([Letter(4, "a", [], half), Letter(5, "b", [])]);

        Assert.True(search.IsAtLimit);
        Assert.Equal([2, 3], search.Found.Order());
        Assert.Equal(4, search.Letters);
    }

    private static ServiceBusReceivedMessage Letter(
        long sequenceNumber, string messageId, Dictionary<string, object> properties, byte[]? body = null) =>
        ServiceBusModelFactory.ServiceBusReceivedMessage(
            body: body is null ? BinaryData.FromString("{}") : BinaryData.FromBytes(body),
            messageId: messageId,
            subject: "wordcount",
            replyTo: "results",
            properties: properties,
            sequenceNumber: sequenceNumber,
            timeToLive: TimeSpan.MaxValue);
}
