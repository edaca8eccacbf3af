namespace KedaJobs.Contracts;

/// <summary>One thing that is wrong with a task's input.</summary>
/// <param name="Path">The field, from the input's root: "text". Empty when the whole input is meant.</param>
/// <param name="Message">What is wrong and what to write instead, for the caller.</param>
public sealed record InputError(string Path, string Message)
{
    /// <summary>The field as seen from outside: "input.text".</summary>
    /// <param name="root">Where the input is.</param>
    /// <returns>The path.</returns>
    public string FieldOf(string root) => Path.Length == 0 ? root : $"{root}.{Path}";
}
