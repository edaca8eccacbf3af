#pragma warning disable ASPIREINTERACTION001 // the arguments of commands are experimental; the dashboard and the CLI ask for them

using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace KedaJobs.Hosting.Local.Dashboard;

/// <summary>A command of a resource, with its texts and its action: a row of a table of commands.</summary>
/// <param name="Name">What it is called by in code and by the CLI.</param>
/// <param name="Title">What it is called in the dashboard.</param>
/// <param name="Icon">The name of a Fluent UI icon.</param>
/// <param name="Description">What it does, in a sentence.</param>
internal sealed record ResourceCommand(string Name, string Title, string Icon, string Description)
{
    /// <summary>Whether it stands on the row itself, beside the menu.</summary>
    public bool IsHighlighted { get; init; }

    /// <summary>The confirmation prompt; null: none.</summary>
    public string? Confirmation { get; init; }

    /// <summary>What is asked for.</summary>
    public IReadOnlyList<InteractionInput> Inputs { get; init; } = [];

    /// <summary>Validates the input; null: any input is accepted.</summary>
    public Func<InputsDialogValidationContext, Task>? Validate { get; init; }

    /// <summary>
    /// Whether it can be chosen now. This only affects the display: a command that is called by its name runs even when
    /// disabled, so the action checks for itself.
    /// </summary>
    public required Func<UpdateCommandStateContext, bool> IsEnabled { get; init; }

    public required Func<ExecuteCommandContext, Task<ExecuteCommandResult>> Execute { get; init; }

    public void AddTo<T>(IResourceBuilder<T> resource)
        where T : IResource =>
        resource.WithCommand(Name, Title, Execute, new CommandOptions
        {
            Description = Description,
            IconName = Icon,
            IsHighlighted = IsHighlighted,
            ConfirmationMessage = Confirmation,
            Arguments = Inputs,
            ValidateArguments = Validate,
            UpdateState = context => IsEnabled(context) ? ResourceCommandState.Enabled : ResourceCommandState.Disabled,
        });
}
