using System.Text.Json;
using KedaJobs.Contracts;

namespace KedaJobs.Tests.Contracts;

public class JobTaskTests
{
    // task, input, what is wrong with it ("path: message", nothing when it is good)
    [Theory]
    [InlineData("wordcount", """{"text":"a"}""", "")]
    [InlineData("wordcount", """{"text":"","top":0}""", "")]
    [InlineData("wordcount", """{}""", "text: is missing: the document to count.")]
    [InlineData("wordcount", """{"text":null}""", "text: is missing: the document to count.")]
    [InlineData("wordcount", """{"text":5}""", "text: must be text.")]
    [InlineData("wordcount", """{"text":"a","top":101}""", "top: must be from 0 to 100.")]
    [InlineData("wordcount", """{"text":"a","top":1.5}""", "top: must be a whole number.")]
    [InlineData(
        "wordcount", """{"text":"a","Top":1}""",
        "Top: Task 'wordcount' does not know this field. It takes: text (text), top (a whole number).")]
    [InlineData("wordcount", "null", ": The input is missing. Task 'wordcount' takes: text (text), top (a whole number).")]
    [InlineData("wordcount", "[]", ": The input must be a JSON object. Task 'wordcount' takes: text (text), top (a whole number).")]
    [InlineData("primes", """{"upTo":2000000000}""", "")]
    [InlineData("primes", """{"upTo":2000000001,"list":1001}""", "upTo: must be from 1 to 2000000000.|list: must be from 0 to 1000.")]
    [InlineData("primes", """{"upTo":"7"}""", "upTo: must be a whole number.")]
    [InlineData("primes", """{"upTo":99999999999}""", "upTo: must be a whole number.")]
    [InlineData("delay", """{"seconds":0.25}""", "")]
    [InlineData("delay", """{"seconds":3600.4}""", "seconds: must be from 0 to 3600.")]
    [InlineData("delay", """{"seconds":-1}""", "seconds: must be from 0 to 3600.")]
    [InlineData("delay", """{}""", "seconds: is missing: how long to wait.")]
    [InlineData("fail", """{}""", "")]
    [InlineData("fail", """{"message":"","times":0}""", "message: must have 1 to 1000 characters.|times: must be from 1 to 2000.")]
    [InlineData("fail", """{"permanent":"yes"}""", "permanent: must be true or false.")]
    public void Says_everything_that_is_wrong_with_an_input(string task, string input, string expected)
    {
        Assert.True(JobTasks.TryFind(task, out var contract));

        Assert.Equal(expected, string.Join('|', contract.Check(Json(input)).Select(error => $"{error.Path}: {error.Message}")));
    }

    [Fact]
    public void A_missing_input_is_an_error() =>
        Assert.Equal("The input is missing. Task 'delay' takes: seconds (a number).", Assert.Single(JobTasks.Delay.Check(default)).Message);

    [Fact]
    public void Fields_that_are_left_out_have_their_defaults()
    {
        Assert.Equal(new WordCountInput { Text = "a", Top = 10 }, JobTasks.WordCount.Read(Json("""{"text":"a"}""")).Input);
        Assert.Equal(new PrimesInput { UpTo = 7, List = 10 }, JobTasks.Primes.Read(Json("""{"upTo":7}""")).Input);
        Assert.Equal(new FailInput { Message = "This job was asked to fail." }, JobTasks.Fail.Read(Json("{}")).Input);
    }

    [Fact]
    public void Output_is_written_in_camel_case()
    {
        var output = JobTasks.Primes.Write(new PrimesOutput { UpTo = 10, Count = 4, Largest = [5, 7] });

        Assert.Equal("""{"upTo":10,"count":4,"largest":[5,7]}""", output.GetRawText());
    }

    [Theory]
    [InlineData("", "input")]
    [InlineData("text", "input.text")]
    public void Errors_name_the_field_as_seen_from_outside(string path, string expected) =>
        Assert.Equal(expected, new InputError(path, "").FieldOf("input"));

    [Theory]
    [InlineData("wordcount", true)]
    [InlineData("WordCount", false)]
    [InlineData("", false)]
    public void Tasks_are_found_by_exact_name(string name, bool found) => Assert.Equal(found, JobTasks.TryFind(name, out _));

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
