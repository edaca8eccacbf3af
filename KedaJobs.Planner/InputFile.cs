using KedaJobs.Scaling.Json;

namespace KedaJobs.Planner;

/// <summary>The user's input is wrong. The message is one line, with the file and the place in it where there is one.</summary>
internal sealed class PlannerInputException(string message, Exception? inner = null) : Exception(message, inner)
{
    public static PlannerInputException At(string file, int line, int column, string problem, Exception? inner = null) =>
        new($"{file}({line},{column}): {problem}", inner);
}

/// <summary>A file that a user named.</summary>
internal static class InputFile
{
    /// <summary>Reads a whole file and passes it to a parser.</summary>
    /// <exception cref="PlannerInputException">It cannot be read, or the parser refuses it.</exception>
    public static T Read<T>(string path, Func<byte[], T> parse)
    {
        byte[] content;
        try
        {
            content = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PlannerInputException($"{path}: {exception.Message}", exception);
        }

        return Parse(path, content, parse);
    }

    /// <summary>Passes a document to a parser, and adds the document's name to errors.</summary>
    public static T Parse<T>(string name, byte[] content, Func<byte[], T> parse)
    {
        try
        {
            return parse(content);
        }
        catch (JsonInputException exception)
        {
            var problem = exception.Field.Length == 0 ? exception.Problem : $"{exception.Field}: {exception.Problem}";
            throw PlannerInputException.At(name, exception.Line, exception.Column, problem, exception);
        }
    }
}

/// <summary>A file that the planner writes: the whole of it, or nothing.</summary>
internal static class OutputFile
{
    public static async Task WriteAsync(string path, Func<Stream, Task> write)
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            await using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                await write(stream);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    public static Task WriteAsync(string path, string text) =>
        WriteAsync(path, async stream => await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text)));
}
