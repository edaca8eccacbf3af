using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using KedaJobs.Scaling.Json;
using KedaJobs.Scaling.Rules;

namespace KedaJobs.Planner.Explain;

/// <summary>One poll a line in, one decision a line out, as fast as they come.</summary>
internal static class PollLines
{
    /// <summary>
    /// Answers every line that is not blank, in order. A line that is not a poll gets an error object in its place. Output is flushed
    /// whenever no more input is available, so that a program can talk to the planner line by line.
    /// </summary>
    /// <returns>How many lines were not polls.</returns>
    public static async Task<long> AnswerAsync(Stream input, Stream output, CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(input, new(bufferSize: 64 * 1024, leaveOpen: true));
        var writer = PipeWriter.Create(output, new(leaveOpen: true));
        var answers = new Answers(writer);
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var rest = read.Buffer;
            while (TryTakeLine(ref rest, out var line))
            {
                answers.Answer(line);
            }

            if (read.IsCompleted)
            {
                answers.Answer(rest);
                await writer.CompleteAsync();
                await reader.CompleteAsync();
                return answers.Errors;
            }

            reader.AdvanceTo(rest.Start, rest.End);
            await writer.FlushAsync(cancellationToken);
        }
    }

    private static bool TryTakeLine(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line)
    {
        if (buffer.PositionOf((byte)'\n') is not { } end)
        {
            line = default;
            return false;
        }

        line = buffer.Slice(0, end);
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return true;
    }

    private sealed class Answers(PipeWriter output)
    {
        private readonly Utf8JsonWriter _json = new(output, DecisionJson.Compact);
        private long _line;

        public long Errors { get; private set; }

        public void Answer(ReadOnlySequence<byte> line)
        {
            _line++;
            var utf8 = (line.IsSingleSegment ? line.FirstSpan : line.ToArray()).Trim(" \t\r"u8);
            if (utf8.IsEmpty)
            {
                return;
            }

            try
            {
                var decision = ScaleRule.Decide(PollReader.Read(utf8));
                JsonSerializer.Serialize(_json, DecisionLine.Of(decision), DecisionJson.Default.DecisionLine);
            }
            catch (JsonInputException exception)
            {
                Errors++;
                var error = exception.Field.Length == 0 ? exception.Problem : $"{exception.Field}: {exception.Problem}";
                JsonSerializer.Serialize(_json, new(_line, error), DecisionJson.Default.ErrorLine);
            }

            _json.Flush();
            _json.Reset();
            output.Write("\n"u8);
        }
    }
}
