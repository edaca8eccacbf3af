namespace Aspire.Hosting.ApplicationModel;

public sealed class ResourceCommandAnnotation : IResourceAnnotation
{
    public ResourceCommandAnnotation(string name, string displayName, Func<UpdateCommandStateContext, ResourceCommandState> updateState,
        Func<ExecuteCommandContext, Task<ExecuteCommandResult>> executeCommand, string? displayDescription, object? parameter, string? confirmationMessage,
        string? iconName, IconVariant? iconVariant, bool isHighlighted)
        : this(name, displayName, updateState, executeCommand, displayDescription, arguments: null, confirmationMessage, iconName, iconVariant, isHighlighted)
    {
    }

    public ResourceCommandAnnotation(string name, string displayName, Func<UpdateCommandStateContext, ResourceCommandState> updateState,
        Func<ExecuteCommandContext, Task<ExecuteCommandResult>> executeCommand, string? displayDescription, IReadOnlyList<InteractionInput>? arguments,
        string? confirmationMessage, string? iconName, IconVariant? iconVariant, bool isHighlighted,
        ResourceCommandVisibility visibility = ResourceCommandVisibility.UI | ResourceCommandVisibility.Api,
        Func<InputsDialogValidationContext, Task>? validateArguments = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(displayName);
        ArgumentNullException.ThrowIfNull(updateState);
        ArgumentNullException.ThrowIfNull(executeCommand);
        Name = name;
        DisplayName = displayName;
        UpdateState = updateState;
        ExecuteCommand = executeCommand;
        DisplayDescription = displayDescription;
        Arguments = arguments ?? [];
        ConfirmationMessage = confirmationMessage;
        IconName = iconName;
        IconVariant = iconVariant;
        IsHighlighted = isHighlighted;
        Visibility = visibility;
        ValidateArguments = validateArguments;
    }

    public string Name { get; }

    public string DisplayName { get; }

    public Func<UpdateCommandStateContext, ResourceCommandState> UpdateState { get; }

    public Func<ExecuteCommandContext, Task<ExecuteCommandResult>> ExecuteCommand { get; }

    public string? DisplayDescription { get; }

    [System.Diagnostics.CodeAnalysis.Experimental("ASPIREINTERACTION001")]
    public IReadOnlyList<InteractionInput> Arguments { get; }

    [System.Diagnostics.CodeAnalysis.Experimental("ASPIREINTERACTION001")]
    public Func<InputsDialogValidationContext, Task>? ValidateArguments { get; }

    public string? ConfirmationMessage { get; }

    public string? IconName { get; }

    public IconVariant? IconVariant { get; }

    public bool IsHighlighted { get; }

    public ResourceCommandVisibility Visibility { get; }
}

public class CommandOptions
{
    internal static CommandOptions Default { get; } = new();

    public string? Description { get; set; }

    public string? ConfirmationMessage { get; set; }

    [System.Diagnostics.CodeAnalysis.Experimental("ASPIREINTERACTION001")]
    public IReadOnlyList<InteractionInput> Arguments { get; set; } = [];

    [System.Diagnostics.CodeAnalysis.Experimental("ASPIREINTERACTION001")]
    public Func<InputsDialogValidationContext, Task>? ValidateArguments { get; set; }

    public string? IconName { get; set; }

    public IconVariant? IconVariant { get; set; }

    public bool IsHighlighted { get; set; }

    /// <summary>Asked at every published snapshot of the resource, and only then. Null: always enabled.</summary>
    public Func<UpdateCommandStateContext, ResourceCommandState>? UpdateState { get; set; }

    public ResourceCommandVisibility Visibility { get; set; } = ResourceCommandVisibility.UI | ResourceCommandVisibility.Api;
}

public sealed class UpdateCommandStateContext
{
    public required CustomResourceSnapshot ResourceSnapshot { get; init; }

    public required IServiceProvider ServiceProvider { get; init; }
}
