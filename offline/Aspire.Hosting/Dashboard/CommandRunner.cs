using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.Wire;
using Google.Protobuf.WellKnownTypes;

namespace Aspire.Hosting.Dashboard;

/// <summary>Runs a command that a user chose in the dashboard, after asking for its arguments when it has some.</summary>
internal sealed class CommandRunner(
    ResourceCommandService commands,
    ResourceNotificationService notifications,
    InteractionHub interactions,
    IServiceProvider services)
{
    public async Task<CommandReply> RunAsync(CommandCall call, CancellationToken cancellationToken)
    {
        var command = Find(call);
        if (command is null or { Arguments.Count: 0 })
        {
            return ReplyOf(await commands.ExecuteCommandAsync(call.ResourceName, call.CommandName, cancellationToken));
        }

        IReadOnlyList<Input> inputs = [.. command.Arguments.Select(a => CommandInputs.ToWire(a, Given(call, a.Name)))];
        // The dashboard sends no arguments by itself: it leaves the asking to the host.
        if (call.Arguments.Count == 0 && !call.NonInteractive)
        {
            var answer = await interactions.AskAsync(
                command.DisplayName,
                command.DisplayDescription ?? "",
                inputs,
                filled => IsValidAsync(command, filled, cancellationToken),
                cancellationToken);
            if (answer is null)
            {
                return new CommandReply { Outcome = CommandOutcome.CommandCancelled };
            }

            inputs = answer;
        }
        else if (!await IsValidAsync(command, inputs, cancellationToken))
        {
            var message = string.Join(" ", inputs.SelectMany(i => i.Errors.Select(e => $"{i.Label}: {e}")));
            return new CommandReply { Outcome = CommandOutcome.CommandInvalidArguments, Message = message, Error = message };
        }

        var arguments = CommandInputs.FromWire(command.Arguments, inputs);
        return ReplyOf(await commands.ExecuteCommandAsync(call.ResourceName, call.CommandName, arguments, cancellationToken));
    }

    private ResourceCommandAnnotation? Find(CommandCall call) =>
        notifications.TryGetCurrentState(call.ResourceName, out var state)
            ? state.Resource.Annotations.OfType<ResourceCommandAnnotation>().LastOrDefault(c => c.Name == call.CommandName)
            : null;

    private static string? Given(CommandCall call, string name) => call.Arguments.TryGetValue(name, out var value)
        ? value.KindCase switch
        {
            Value.KindOneofCase.StringValue => value.StringValue,
            Value.KindOneofCase.BoolValue => value.BoolValue ? "true" : "false",
            Value.KindOneofCase.NumberValue => value.NumberValue.ToString(System.Globalization.CultureInfo.InvariantCulture),
            _ => null,
        }
        : null;

    private async Task<bool> IsValidAsync(ResourceCommandAnnotation command, IReadOnlyList<Input> inputs, CancellationToken cancellationToken)
    {
        foreach (var input in inputs.Where(i => i.Required && string.IsNullOrWhiteSpace(i.Value)))
        {
            input.Errors.Add("Value is required.");
        }

        if (command.ValidateArguments is { } validate)
        {
            var context = new InputsDialogValidationContext
            {
                Inputs = CommandInputs.FromWire(command.Arguments, inputs),
                CancellationToken = cancellationToken,
                Services = services,
            };
            await validate(context);
            foreach (var (name, message) in context.Errors)
            {
                inputs.FirstOrDefault(i => string.Equals(i.Name, name, StringComparison.OrdinalIgnoreCase))?.Errors.Add(message);
            }
        }

        return inputs.All(i => i.Errors.Count == 0);
    }

    private static CommandReply ReplyOf(ExecuteCommandResult result)
    {
        var reply = new CommandReply
        {
            Outcome = result switch
            {
                { Success: true } => CommandOutcome.CommandSucceeded,
                { Canceled: true } => CommandOutcome.CommandCancelled,
                _ => CommandOutcome.CommandFailed,
            },
        };
        if (result.Message is { } message)
        {
            reply.Message = message;
            if (reply.Outcome == CommandOutcome.CommandFailed)
            {
                reply.Error = message;
            }
        }

        if (result.Data is { } data)
        {
            reply.Data = new CommandData
            {
                Value = data.Value,
                Format = data.Format switch
                {
                    CommandResultFormat.Json => CommandDataFormat.DataJson,
                    CommandResultFormat.Markdown => CommandDataFormat.DataMarkdown,
                    _ => CommandDataFormat.DataText,
                },
                DisplayImmediately = data.DisplayImmediately,
            };
        }

        return reply;
    }
}
