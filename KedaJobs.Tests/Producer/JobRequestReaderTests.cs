using System.Text.Json;
using KedaJobs.Producer.Jobs;
using Microsoft.AspNetCore.Http.HttpResults;

namespace KedaJobs.Tests.Producer;

public class JobRequestReaderTests
{
    private const string NotAJob = """must be a job: { "task": ..., "input": ... }.""";
    private const string TooLongWithAPosition = // 127 characters
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    private const string BadId = "must be text of 1 to 128 characters, none of them a control character. Leave it out to get one.";

    // body, errors as "field: message", one line each
    [Theory]
    [InlineData("[]", "body: The array is empty; send at least one job.")]
    [InlineData("3", """body: must be a job, { "task": ..., "input": ... }, or an array of jobs.""")]
    [InlineData("null", """body: must be a job, { "task": ..., "input": ... }, or an array of jobs.""")]
    [InlineData("""[{"task":"fail","input":{}},7]""", "[1]: " + NotAJob)]
    [InlineData("""{"input":{}}""", "task: must name a task, as text: wordcount, primes, delay, fail.")]
    [InlineData("""{"task":3,"input":{}}""", "task: must name a task, as text: wordcount, primes, delay, fail.")]
    [InlineData("""{"task":"sort","input":{}}""", "task: There is no task 'sort'. Known tasks: wordcount, primes, delay, fail.")]
    [InlineData("""{"task":"delay"}""", "input: The input is missing. Task 'delay' takes: seconds (a number).")]
    [InlineData(
        """[{"task":"delay","input":{"seconds":1}},{"task":"delay","input":{}}]""", "[1].input.seconds: is missing: how long to wait.")]
    [InlineData(
        """{"task":"fail","input":{},"priority":1}""", "priority: is not a field of a job. A job has task, input and, if you like, id.")]
    [InlineData("""{"task":"fail","input":{},"id":""}""", "id: " + BadId)]
    [InlineData("""{"task":"fail","input":{},"id":"  "}""", "id: " + BadId)]
    [InlineData("""{"task":"fail","input":{},"id":7}""", "id: " + BadId)]
    [InlineData("""{"task":"fail","input":{},"id":"a\nb"}""", "id: " + BadId)]
    [InlineData(
        """[{"task":"fail","input":{},"id":"a"},{"task":"fail","input":{}},{"task":"fail","input":{},"id":"a"}]""",
        "[2].id: repeats the id of [0].")]
    [InlineData("""[{"task":"x"},{"id":null}]""",
        "[0].task: There is no task 'x'. Known tasks: wordcount, primes, delay, fail.\n[1].id: " + BadId
        + "\n[1].task: must name a task, as text: wordcount, primes, delay, fail.")]
    public void NamesTheFieldAndSaysWhatToWrite(string body, string expected) =>
        Assert.Equal(
            expected, string.Join('\n', ErrorsOf(body).SelectMany(error => error.Value.Select(message => $"{error.Key}: {message}"))));

    [Fact]
    public void The_longest_id_passes_and_one_more_character_does_not()
    {
        Assert.Empty(ErrorsOf($$"""{"task":"fail","input":{},"id":"{{new string('x', 128)}}"}"""));
        Assert.Equal(["id"], ErrorsOf($$"""{"task":"fail","input":{},"id":"{{new string('x', 129)}}"}""").Keys);
    }

    [Fact]
    public void Gives_ids_to_jobs_without_one()
    {
        var next = 0;
        var jobs = JobRequestReader.Read(
            Json("""[{"task":"fail","input":{}},{"task":"delay","input":{"seconds":1},"id":"mine"},{"task":"fail","input":{}}]"""),
            null,
            () => $"new-{++next}",
            new FieldErrors());

        Assert.Equal([("new-1", "fail"), ("mine", "delay"), ("new-2", "fail")], jobs.Select(job => (job.Id, job.Task.Name)));
        Assert.Equal("""{"seconds":1}""", jobs[1].Input.GetRawText());
    }

    [Theory]
    [InlineData("""{"task":"fail","input":{}}""", "key")]
    [InlineData("""{"task":"fail","input":{},"id":"mine"}""", "mine")]
    [InlineData("""[{"task":"fail","input":{}},{"task":"fail","input":{},"id":"mine"},{"task":"fail","input":{}}]""", "key-0 mine key-2")]
    public void The_idempotency_key_becomes_the_id_of_jobs_without_one(string body, string ids)
    {
        var errors = new FieldErrors();

        var jobs = JobRequestReader.Read(Json(body), "key", NewId, errors);

        Assert.False(errors.Any);
        Assert.Equal(ids, string.Join(' ', jobs.Select(job => job.Id)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\tb")]
    [InlineData(TooLongWithAPosition)]
    public void A_key_that_is_no_id_is_refused_once(string key)
    {
        var errors = ErrorsOf("""[{"task":"fail","input":{}},{"task":"fail","input":{}}]""", key);

        Assert.Equal(
            [
                "must be text of 1 to 128 characters, none of them a control character, the position of a job in an array (-0, -1, "
                + "...) included."
            ],
            Assert.Single(errors).Value);
        Assert.Equal("Idempotency-Key", errors.Single().Key);
    }

    [Fact]
    public void An_id_that_a_key_makes_repeats_no_other() => Assert.Equal(
        ["repeats the id of [0]."],
        Assert.Single(ErrorsOf("""[{"task":"fail","input":{},"id":"key-1"},{"task":"fail","input":{}}]""", "key")).Value);

    [Fact]
    public void A_thousand_errors_are_cut_short()
    {
        var errors = new FieldErrors();
        JobRequestReader.Read(
            Json($"[{string.Join(',', Enumerable.Repeat("""{"task":"delay","input":{}}""", 1_000))}]"), null, NewId, errors);

        var problem = Assert.IsType<ValidationProblem>(errors.ToProblem()).ProblemDetails;

        Assert.Equal(50, problem.Errors.Count);
        Assert.Equal("There are 950 further errors; these are the first 50.", problem.Detail);
    }

    private static string NewId() => Guid.NewGuid().ToString();

    private static IDictionary<string, string[]> ErrorsOf(string body, string? key = null)
    {
        var errors = new FieldErrors();
        JobRequestReader.Read(Json(body), key, NewId, errors);
        return errors.Any ? Assert.IsType<ValidationProblem>(errors.ToProblem()).ProblemDetails.Errors : new Dictionary<string, string[]>();
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
