using System.Diagnostics;

namespace KedaJobs.Tests.Planner.Explain;

public class ExplainTests
{
    private const string Poll =
        """
        {"min":0,"max":10,"running":2,"pending":0,"strategy":"default","calculation":"max","deduction":null,"percentage":"0.5","triggers":[{"length":12,"target":5,"activation":0,"error":false}]}
        """;

    [Fact]
    public async Task Poll_is_answered_with_the_decision_and_its_reasons()
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
    public async Task Text_is_reasons_and_ready_state()
    {
        var run = await PlannerRun.Of("""{"strategy":"Eager","triggers":[{"length":12},{"error":true}]}""", "explain", "--text");

        Assert.Equal(
            """
            12 active messages / 5 per execution = 3 wanted, 0 running: start 3
            KEDA knows no strategy 'Eager' (only default, custom, accurate, eager), so it uses default
            1 of 2 triggers could not be read and is left out: ready is Unknown (PartialTriggerError)
            ready: Unknown (PartialTriggerError)

            """.ReplaceLineEndings("\n"),
            run.Output);
    }

    [Fact]
    public async Task What_is_left_out_gets_KEDAs_defaults()
    {
        // 100 at most, 5 messages each, nothing running, default strategy.
        var run = await PlannerRun.Of("""{"triggers":[{"length":1000},{"length":3}]}""", "explain", "--jsonl");

        Assert.Equal("{\"isActive\":true,\"isError\":false,\"queueLength\":1000,\"maxScale\":100,\"start\":100}\n", run.Output);
    }

    public static TheoryData<string, long> Starts => new()
    {
        {
            """{"min":null,"max":null,"running":null,"pending":null,"strategy":null,"calculation":null,"percentage":null,"triggers":"""
                + """[{"length":12,"target":null,"activation":null,"error":null}]}""",
            3
        },
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
    public async Task Start_follows_from_the_poll(string poll, long start)
    {
        var run = await PlannerRun.Of(poll, "explain");

        Assert.Contains($"\"start\": {start},", run.Output, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> WrongPolls => new()
    {
        { "{\n\"running\": -3,\n\"triggers\":[]}", "standard input(2,12): running: is -3 and must be at least 0" },
        {
            "{\"triggers\":[\n{\"length\":1},\n{\"length\":\n-1}]}",
            "standard input(4,1): triggers[1].length: is -1 and must be at least 0"
        },
        { """{"min":-1,"triggers":[]}""", "standard input(1,8): min: is -1 and must be at least 0" },
        { """{"max":-1,"triggers":[]}""", "standard input(1,8): max: is -1 and must be at least 0" },
        { """{"pending":-1,"triggers":[]}""", "standard input(1,12): pending: is -1 and must be at least 0" },
        { """{"triggers":[{"length":1,"target":-1}]}""", "standard input(1,35): triggers[0].target: is -1 and must be at least 0" },
        {
            """{"triggers":[{}]}""",
            "standard input(1,14): triggers[0].length: is missing: write the number of active messages, \"error\": true, "
            + "or a cron rule (\"cron\")"
        },
        { """{"triggers":[null]}""", "standard input(1,14): triggers[0]: must be an object" },
        { """{"triggers":[5]}""", "standard input(1,15): triggers[0]: must be an object" },
        { """{"triggers":null}""", "standard input(1,13): triggers: must be an array" },
        { """{"triggers":{}}""", "standard input(1,14): triggers: must be an array" },
        { "{}", "standard input(1,3): triggers: is missing" },
        { "[]", "standard input(1,2): must be an object" },
        { "null", "standard input(1,1): must be an object, not null" },
        { """{"running":"2","triggers":[]}""", "standard input(1,15): running: must be a whole number, and not too large" },
        { """{"running":1.5,"triggers":[]}""", "standard input(1,15): running: must be a whole number, and not too large" },
        {
            """{"running":99999999999999999999,"triggers":[]}""",
            "standard input(1,32): running: must be a whole number, and not too large"
        },
        { """{"strategy":5,"triggers":[]}""", "standard input(1,14): strategy: must be a string" },
        { """{"percentage":true,"triggers":[]}""", "standard input(1,19): percentage: must be a string" },
        { """{"triggers":[{"length":1,"error":"yes"}]}""", "standard input(1,39): triggers[0].error: must be true or false" },
        { """{"runing":1,"triggers":[]}""", "standard input(1,11): runing: there is no field 'runing'" },
        { "{\"running\":1,\n\"running\":2,\"triggers\":[]}", "standard input(2,11): running: the field 'running' appears twice" },
        {
            "{\"running\":1\n\"triggers\":[]}",
            "standard input(2,1): is not JSON: '\"' is invalid after a value. Expected either ',', '}', or ']'."
        },
        { """{"triggers":[]} x""", "standard input(1,17): is not JSON: 'x' is invalid after a single JSON value. Expected end of data." },
    };

    [Theory]
    [MemberData(nameof(WrongPolls))]
    public async Task Wrong_poll_is_one_line_that_names_field_and_line(string poll, string error)
    {
        var run = await PlannerRun.Of(poll, "explain");

        Assert.Equal((2, "", error + Environment.NewLine), (run.ExitCode, run.Output, run.Error));
    }

    private const string Cron = """{"timezone":"Europe/Berlin","start":"0 8 * * *","end":"0 18 * * *","desiredReplicas":3}""";

    [Theory]
    [InlineData("2026-05-04T08:30:00+02:00", 2, "3 desired executions / 1 per execution = 3 wanted, 1 running: start 2")]
    [InlineData("2026-05-04T06:30Z", 2, "3 desired executions / 1 per execution = 3 wanted, 1 running: start 2")]
    [InlineData("2026-05-04T05:30:00Z", 0, "no desired executions: start none")]
    public async Task Cron_rule_counts_in_its_window(string at, int start, string reason)
    {
        var run = await PlannerRun.Of($$"""{"at":"{{at}}","running":1,"triggers":[{"cron":{{Cron}}}]}""", "explain");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains($"\"start\": {start},", run.Output, StringComparison.Ordinal);
        Assert.Contains($"\"{reason}\"", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cron_rule_beside_a_queue_is_combined_as_KEDA_does()
    {
        var run = await PlannerRun.Of(
            $$"""{"at":"2026-05-04T08:30:00+02:00","calculation":"sum","triggers":[{"length":10},{"cron":{{Cron}}}]}""", "explain",
            "--text");

        Assert.StartsWith("sum of 2 active triggers: 13 = 5 wanted, 0 running: start 5\n", run.Output, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> WrongCronRules => new()
    {
        {
            $$"""{"triggers":[{"cron":{{Cron}}}]}""",
            "(1,1): at: is missing: a cron rule needs the time of the poll, for instance \"2026-05-04T08:30:00+02:00\""
        },
        {
            $$"""{"at":"2026-05-04T08:30:00","triggers":[{"cron":{{Cron}}}]}""",
            "(1,7): at: is '2026-05-04T08:30:00' and must be a time with an offset, for instance 2026-05-04T08:30:00+02:00 or "
            + "2026-05-04T06:30:00Z"
        },
        {
            $$"""{"at":"2026-05-04T08:30Z","triggers":[{"length":1,"cron":{{Cron}}}]}""",
            "(1,39): triggers[0]: must have either cron or length, target, activation and error"
        },
        {
            """{"at":"2026-05-04T08:30Z","triggers":[{"cron":"""
                + """{"timezone":"Mars","start":"0 8 * * *","end":"0 9 * * *","desiredReplicas":1}}]}""",
            "(1,47): triggers[0].cron: timezone is 'Mars'. Write a name of the IANA database, "
                + "for instance \"Europe/Berlin\" or \"Etc/UTC\"."
        },
    };

    [Theory]
    [MemberData(nameof(WrongCronRules))]
    public async Task Wrong_cron_rule_is_one_line_that_names_field_and_line(string poll, string error)
    {
        var run = await PlannerRun.Of(poll, "explain");

        Assert.Equal((2, "", $"standard input{error}{Environment.NewLine}"), (run.ExitCode, run.Output, run.Error));
    }

    [Fact]
    public async Task File_is_read_instead_of_standard_input()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, Poll);
            Assert.Equal((await PlannerRun.Of(Poll, "explain", "-")).Output, (await PlannerRun.Of("", "explain", file)).Output);
            await File.WriteAllTextAsync(file, "{");
            Assert.StartsWith($"{file}(1,2): is not JSON", (await PlannerRun.Of("", "explain", file)).Error, StringComparison.Ordinal);
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
        { "--jsonl and --text cannot be combined.", ["explain", "--jsonl", "--text"] },
        { "Required command was not provided.", [] },
    };

    [Theory]
    [MemberData(nameof(WrongCommandLines))]
    public async Task Wrong_command_line_is_one_line_and_exit_code_2(string error, string[] arguments)
    {
        var run = await PlannerRun.Of("", arguments);

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith(error, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Help_documents_the_exit_codes() =>
        Assert.Contains("Exit codes: 0 success; 2 ", (await PlannerRun.Of("", "--help")).Output, StringComparison.Ordinal);

    [Fact]
    public async Task Process_answers_on_its_standard_output()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "KedaJobs.Planner.dll"), "explain", "--jsonl"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteLineAsync(Poll);
        process.StandardInput.Close();

        Assert.Equal(
            "{\"isActive\":true,\"isError\":false,\"queueLength\":12,\"maxScale\":3,\"start\":1}\n",
            await process.StandardOutput.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
