using System.Diagnostics;

namespace KedaJobs.Tests.Planner.Explain;

public class ExplainTests
{
    private const string Poll =
        """
        {"min":0,"max":10,"running":2,"pending":0,"strategy":"default","calculation":"max","deduction":null,"percentage":"0.5","triggers":[{"length":12,"target":5,"activation":0,"error":false}]}
        """;

    [Fact]
    public async Task Poll_IsAnsweredWithTheDecisionAndItsReasons()
    {
        var run = await PlannerRun.Of(Poll, "explain");

        Assert.Equal(
            (0, """
            {
              "isActive": true,
              "isError": false,
              "queueLength": 12,
              "maxScale": 3,
              "effectiveMax": 1,
              "start": 1,
              "readyState": "True",
              "readyReason": "ScaledJobReady",
              "reasons": [
                "12 active messages / 5 per execution = 3 wanted, 2 running: start 1"
              ]
            }

            """.ReplaceLineEndings("\n"), ""),
            (run.ExitCode, run.Output, run.Error));
    }

    [Fact]
    public async Task Text_IsReasonsAndReadyState()
    {
        var run = await PlannerRun.Of("""{"strategy":"Eager","triggers":[{"length":12},{"error":true}]}""", "explain", "--text");

        Assert.Equal(
            """
            12 active messages / 5 per execution = 3 wanted, 0 running: start 3
            KEDA knows no strategy 'Eager' (only default, custom, accurate, eager) and uses default
            1 of 2 triggers could not be read and is left out: ready is Unknown (PartialTriggerError)
            ready: Unknown (PartialTriggerError)

            """.ReplaceLineEndings("\n"),
            run.Output);
    }

    [Fact]
    public async Task WhatIsLeftOut_GetsKedasDefaults()
    {
        // 100 at most, 5 messages each, nothing running, default strategy.
        var run = await PlannerRun.Of("""{"triggers":[{"length":1000},{"length":3}]}""", "explain", "--jsonl");

        Assert.Equal("{\"isActive\":true,\"isError\":false,\"queueLength\":1000,\"maxScale\":100,\"start\":100}\n", run.Output);
    }

    public static TheoryData<string, long> Starts => new()
    {
        { """{"min":null,"max":null,"running":null,"pending":null,"strategy":null,"calculation":null,"percentage":null,"triggers":[{"length":12,"target":null,"activation":null,"error":null}]}""", 3 },
        { """{"min":3,"max":null,"running":3,"triggers":[{"length":5000}]}""", 100 },
        { """{"min":3,"max":100,"running":3,"triggers":[{"length":5000}]}""", 97 },
        { """{"strategy":"custom","percentage":0.5,"running":4,"triggers":[{"length":25}]}""", 3 },
        { """{"strategy":"custom","percentage":"0.5","deduction":-2,"running":4,"triggers":[{"length":25}]}""", 5 },
        { """{"triggers":[{"length":9223372036854775807,"target":1000000000000000000}]}""", 10 },
        { """{"triggers":[]}""", 0 },
        { "\uFEFF" + """{"triggers":[{"length":1}]}""", 1 },
    };

    [Theory]
    [MemberData(nameof(Starts))]
    public async Task Start_FollowsFromThePoll(string poll, long start)
    {
        var run = await PlannerRun.Of(poll, "explain");

        Assert.Contains($"\"start\": {start},", run.Output, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> WrongPolls => new()
    {
        { "{\n\"running\": -3,\n\"triggers\":[]}", "line 2, running: must be a whole number of at least 0, not -3" },
        { "{\"triggers\":[\n{\"length\":1},\n{\"length\":\n-1}]}", "line 4, triggers[1].length: must be a whole number of at least 0, not -1" },
        { """{"min":-1,"triggers":[]}""", "line 1, min: must be a whole number of at least 0, not -1" },
        { """{"max":-1,"triggers":[]}""", "line 1, max: must be a whole number of at least 0, not -1" },
        { """{"pending":-1,"triggers":[]}""", "line 1, pending: must be a whole number of at least 0, not -1" },
        { """{"triggers":[{"length":1,"target":-1}]}""", "line 1, triggers[0].target: must be a whole number of at least 0, not -1" },
        { """{"triggers":[{}]}""", "line 1, triggers[0].length: is missing: write the number of active messages, or \"error\": true" },
        { """{"triggers":[null]}""", "line 1, triggers[0]: must be an object" },
        { """{"triggers":[5]}""", "line 1, triggers[0]: must be an object" },
        { """{"triggers":null}""", "line 1, triggers: must be an array" },
        { """{"triggers":{}}""", "line 1, triggers: must be an array" },
        { "{}", "line 1, triggers: is missing" },
        { "[]", "line 1: must be an object" },
        { "null", "line 1: must be an object, not null" },
        { """{"running":"2","triggers":[]}""", "line 1, running: must be a whole number, and not too large" },
        { """{"running":1.5,"triggers":[]}""", "line 1, running: must be a whole number, and not too large" },
        { """{"running":99999999999999999999,"triggers":[]}""", "line 1, running: must be a whole number, and not too large" },
        { """{"strategy":5,"triggers":[]}""", "line 1, strategy: must be a string" },
        { """{"percentage":true,"triggers":[]}""", "line 1, percentage: must be a string" },
        { """{"triggers":[{"length":1,"error":"yes"}]}""", "line 1, triggers[0].error: must be true or false" },
        { """{"runing":1,"triggers":[]}""", "line 1, runing: there is no field 'runing'" },
        { "{\"running\":1,\n\"running\":2,\"triggers\":[]}", "line 2, running: the field 'running' stands twice" },
        { "{\"running\":1\n\"triggers\":[]}", "line 2: is not JSON: '\"' is invalid after a value. Expected either ',', '}', or ']'." },
        { """{"triggers":[]} x""", "line 1: is not JSON: 'x' is invalid after a single JSON value. Expected end of data." },
    };

    [Theory]
    [MemberData(nameof(WrongPolls))]
    public async Task WrongPoll_IsOneLineThatNamesFieldAndLine(string poll, string error)
    {
        var run = await PlannerRun.Of(poll, "explain");

        Assert.Equal((2, "", error + Environment.NewLine), (run.ExitCode, run.Output, run.Error));
    }

    [Fact]
    public async Task File_IsReadInsteadOfStandardInput()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, Poll);
            Assert.Equal((await PlannerRun.Of(Poll, "explain", "-")).Output, (await PlannerRun.Of("", "explain", file)).Output);
        }
        finally
        {
            File.Delete(file);
        }
    }

    public static TheoryData<string, string[]> WrongCommandLines => new()
    {
        { "Could not find file", ["explain", "no-such-file.json"] },
        { "There is no option '--bogus'.", ["explain", "--bogus"] },
        { "--jsonl and --text exclude each other.", ["explain", "--jsonl", "--text"] },
        { "Required command was not provided.", [] },
    };

    [Theory]
    [MemberData(nameof(WrongCommandLines))]
    public async Task WrongCommandLine_IsOneLineAndExitCode2(string error, string[] arguments)
    {
        var run = await PlannerRun.Of("", arguments);

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith(error, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Help_DocumentsTheExitCodes() => Assert.Contains("Exit codes: 0 answered; 2 ", (await PlannerRun.Of("", "--help")).Output, StringComparison.Ordinal);

    [Fact]
    public async Task Process_AnswersOnItsStandardOutput()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "KedaJobs.Planner.dll"), "explain", "--jsonl"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteLineAsync(Poll);
        process.StandardInput.Close();

        Assert.Equal("{\"isActive\":true,\"isError\":false,\"queueLength\":12,\"maxScale\":3,\"start\":1}\n", await process.StandardOutput.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
