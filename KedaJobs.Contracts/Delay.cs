using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace KedaJobs.Contracts;

/// <summary>Input of the task "delay".</summary>
public sealed record DelayInput
{
    /// <summary>How long to wait, in seconds: 0 to 3,600. Required.</summary>
    [Required(ErrorMessage = "is missing: how long to wait.")]
    [Range(0d, 3_600d, ErrorMessage = "must be from {1} to {2}.")]
    [Description("How long to wait, in seconds.")]
    public double? Seconds { get; set; }
}

/// <summary>Output of the task "delay".</summary>
public sealed record DelayOutput
{
    /// <summary>How long it waited, in seconds.</summary>
    public required double Seconds { get; init; }
}
