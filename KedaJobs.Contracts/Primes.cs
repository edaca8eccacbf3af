using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace KedaJobs.Contracts;

/// <summary>Input of the task "primes".</summary>
/// <remarks>
/// Settable, not init-only: generated JSON code overwrites the defaults of init-only properties that a document leaves out.
/// </remarks>
public sealed record PrimesInput
{
    /// <summary>The highest limit; counting up to it takes a few seconds.</summary>
    public const int Highest = 2_000_000_000;

    /// <summary>Primes up to this number, itself included: 1 to 2,000,000,000. Required.</summary>
    [Required(ErrorMessage = "is missing: the number up to which primes are counted.")]
    [Range(1, Highest, ErrorMessage = "must be from {1} to {2}.")]
    [Description("Primes up to this number are counted.")]
    public int? UpTo { get; set; }

    /// <summary>How many of the largest ones to list: 0 to 1,000, default 10.</summary>
    [Range(0, 1_000, ErrorMessage = "must be from {1} to {2}.")]
    [DefaultValue(10)]
    [Description("How many of the largest ones to list.")]
    public int List { get; set; } = 10;
}

/// <summary>Output of the task "primes".</summary>
public sealed record PrimesOutput
{
    /// <summary>The number up to which primes were counted.</summary>
    public required int UpTo { get; init; }

    /// <summary>How many there are.</summary>
    public required int Count { get; init; }

    /// <summary>The largest ones, in ascending order.</summary>
    public required IReadOnlyList<int> Largest { get; init; }
}
