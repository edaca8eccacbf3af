using System.CommandLine;
using System.Text.Json;
using KedaJobs.Scaling.Rules;

namespace KedaJobs.Planner.Explain;

/// <summary>The verb <c>explain</c>.</summary>
internal static class ExplainCommand
{
    private const string Description =
        """
        Shows what KEDA decides at one poll, and why.

        Reads a poll as JSON from FILE or standard input, for instance
          {"min":0,"max":10,"running":2,"pending":0,"strategy":"default","calculation":"max",
           "deduction":null,"percentage":"0.5",
           "triggers":[{"length":12,"target":5,"activation":0,"error":false}]}
        Only triggers[].length is required; the rest defaults as in KEDA. A cron rule is a trigger, too:
          {"at":"2026-05-04T08:30:00Z","triggers":[{"cron":{"timezone":"Etc/UTC","start":"0 8 * * *","end":"0 18 * * *","desiredReplicas":2}}]}
        """;

    public static Command Create(PlannerStreams streams)
    {
        var file =
            new Argument<string?>("FILE")
            {
                Description = "The file with the poll; standard input if omitted or '-'.",
                DefaultValueFactory = _ => null,
            };
        var lines = new Option<bool>("--jsonl")
        {
            Description =
                "One poll on each line in, one decision on each line out; a wrong line is answered by {\"line\":n,\"error\":\"...\"}.",
        };
        var text = new Option<bool>("--text") { Description = "Text instead of a JSON object." };
        var complete = new Option<string?>("--complete")
        {
            Description = "late or early: when the worker's messages leave the queue, after the work or when they are received. "
                + "A strategy that does not fit is reported.",
        };
        complete.AcceptOnlyFromAmong("late", "early");
        var command = new Command("explain", Description) { file, lines, text, complete };
        file.RefuseUnknownOptions();
        command.Validators.Add(result =>
        {
            if (result.GetValue(lines) && result.GetValue(text))
            {
                result.AddError("--jsonl and --text cannot be combined.");
            }

            if (result.GetValue(lines) && result.GetValue(complete) is not null)
            {
                result.AddError("--jsonl and --complete cannot be combined: lines have no reasons.");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var input = streams.Open(parsed.GetValue(file));
            if (parsed.GetValue(lines))
            {
                var errors = await PollLines.AnswerAsync(input, streams.Output, cancellationToken);
                return errors == 0 ? ExitCodes.Success : ExitCodes.WrongInput;
            }

            var name = parsed.GetValue(file) is { } path and not "-" ? path : "standard input";
            var content = await PlannerStreams.ReadToEndAsync(input, cancellationToken);
            var decision = ScaleRule.Decide(InputFile.Parse(name, content, utf8 => PollReader.Read(utf8)));
            var reasons = Reasons(decision, parsed.GetValue(complete));
            if (parsed.GetValue(text))
            {
                WriteText(decision, reasons, streams.Output);
            }
            else
            {
                WriteJson(DecisionDocument.Of(decision) with { Reasons = reasons }, streams.Output);
            }

            return ExitCodes.Success;
        });
        return command;
    }

    private static IReadOnlyList<string> Reasons(ScaleDecision decision, string? complete) =>
        complete is not null
        && StrategyFit.Problem(
            StrategyRules.InEffect(decision.Poll), complete == "early" ? Completion.Early : Completion.Late) is { } problem
            ? [.. decision.Reasons, problem]
            : decision.Reasons;

    private static void WriteJson(DecisionDocument decision, Stream output)
    {
        using (var json = new Utf8JsonWriter(output, DecisionJson.Indented))
        {
            JsonSerializer.Serialize(json, decision, DecisionJson.Default.DecisionDocument);
        }

        output.Write("\n"u8);
    }

    private static void WriteText(ScaleDecision decision, IReadOnlyList<string> reasons, Stream output)
    {
        using var writer = new StreamWriter(output, leaveOpen: true) { NewLine = "\n" };
        foreach (var reason in reasons)
        {
            writer.WriteLine(reason);
        }

        writer.WriteLine($"ready: {decision.ReadyState} ({decision.ReadyReason})");
    }
}
