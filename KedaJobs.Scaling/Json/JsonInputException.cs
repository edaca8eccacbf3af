namespace KedaJobs.Scaling.Json;

/// <summary>A JSON document is invalid. The message is one line that names the line, the field and what to write.</summary>
public sealed class JsonInputException : FormatException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="line">The line of the document, from 1.</param>
    /// <param name="field">The field's path, for instance <c>triggers[0].length</c>; empty for the document itself.</param>
    /// <param name="problem">What is wrong and what to write, without the field's name.</param>
    /// <param name="column">The column of the line, from 1.</param>
    public JsonInputException(int line, string field, string problem, int column = 1)
        : base(field.Length == 0 ? $"line {line}: {problem}" : $"line {line}, {field}: {problem}") =>
        (Line, Column, Field, Problem) = (line, column, field, problem);

    /// <summary>The line of the document, from 1.</summary>
    public int Line { get; }

    /// <summary>The column of the line, from 1, in bytes.</summary>
    public int Column { get; }

    /// <summary>The field's path; empty for the document itself.</summary>
    public string Field { get; }

    /// <summary>What is wrong and what to write.</summary>
    public string Problem { get; }
}
