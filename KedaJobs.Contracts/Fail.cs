using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace KedaJobs.Contracts;

/// <summary>Input of the task "fail".</summary>
public sealed record FailInput
{
    /// <summary>Text of the error: 1 to 1,000 characters, default "This job was asked to fail.".</summary>
    [StringLength(1_000, MinimumLength = 1, ErrorMessage = "must have {2} to {1} characters.")]
    [Description("Text of the error.")]
    public string Message { get; set; } = "This job was asked to fail.";

    /// <summary>Whether the handler says that trying again is useless: the message is dead-lettered at once. Default false.</summary>
    [Description("Whether trying again is useless: then the message is dead-lettered at once.")]
    public bool Permanent { get; set; }

    /// <summary>How many deliveries fail before one succeeds: 1 to 2,000. Default: all of them.</summary>
    [Range(1, 2_000, ErrorMessage = "must be from {1} to {2}.")]
    [Description("How many deliveries fail before one succeeds; all when left out.")]
    public int? Times { get; set; }
}

/// <summary>Output of the task "fail", when it succeeds at last.</summary>
public sealed record FailOutput
{
    /// <summary>The delivery that succeeded.</summary>
    public required int Attempt { get; init; }
}
