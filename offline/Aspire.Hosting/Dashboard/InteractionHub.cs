using System.Threading.Channels;
using Aspire.Hosting.Dashboard.Wire;
using Grpc.Core;

namespace Aspire.Hosting.Dashboard;

/// <summary>Dialogs that the host opens in the dashboard, in every browser window that shows it; the first answer counts.</summary>
internal sealed class InteractionHub
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, Open> _open = [];
    private readonly HashSet<ChannelWriter<Interaction>> _windows = [];
    private int _lastId;

    /// <summary>Asks for inputs until <paramref name="accept"/> finds no error in them. Null: the user cancelled.</summary>
    public async Task<IReadOnlyList<Input>?> AskAsync(
        string title,
        string message,
        IReadOnlyList<Input> inputs,
        Func<IReadOnlyList<Input>, Task<bool>> accept,
        CancellationToken cancellationToken)
    {
        var dialog = new Interaction
        {
            Id = Interlocked.Increment(ref _lastId),
            Title = title,
            Message = message,
            PrimaryButton = "OK",
            SecondaryButton = "Cancel",
            ShowSecondaryButton = true,
            ShowDismiss = true,
            Inputs = new InputsDialog(),
        };
        dialog.Inputs.Inputs.AddRange(inputs);
        try
        {
            while (true)
            {
                var reply = await ShowAsync(dialog).WaitAsync(cancellationToken);
                if (reply.KindCase != InteractionReply.KindOneofCase.Inputs)
                {
                    return null;
                }

                IReadOnlyList<Input> filled = [.. reply.Inputs.Inputs.Select((input, i) => Filled(inputs, input, i)).OfType<Input>()];
                if (await accept(filled))
                {
                    return filled;
                }

                dialog = dialog.Clone();
                dialog.Inputs.Inputs.Clear();
                dialog.Inputs.Inputs.AddRange(filled);
            }
        }
        finally
        {
            Close(dialog.Id);
        }
    }

    /// <summary>Serves one dashboard connection until it ends.</summary>
    public async Task ServeAsync(IAsyncStreamReader<InteractionReply> replies, IServerStreamWriter<Interaction> window, CancellationToken cancellationToken)
    {
        var queue = Channel.CreateUnbounded<Interaction>(new UnboundedChannelOptions { SingleReader = true });
        lock (_lock)
        {
            _windows.Add(queue.Writer);
            foreach (var open in _open.Values)
            {
                queue.Writer.TryWrite(open.Dialog);
            }
        }

        try
        {
            await Task.WhenAll(SendAsync(), ReceiveAsync());
        }
        finally
        {
            Leave();
        }

        void Leave()
        {
            lock (_lock)
            {
                _windows.Remove(queue.Writer);
            }

            queue.Writer.TryComplete();
        }

        async Task SendAsync()
        {
            await foreach (var dialog in queue.Reader.ReadAllAsync(cancellationToken))
            {
                await window.WriteAsync(dialog, cancellationToken);
            }
        }

        async Task ReceiveAsync()
        {
            try
            {
                await foreach (var reply in replies.ReadAllAsync(cancellationToken))
                {
                    if (!reply.IsUpdate)
                    {
                        Answer(reply);
                    }
                }
            }
            finally
            {
                Leave();
            }
        }
    }

    private Task<InteractionReply> ShowAsync(Interaction dialog)
    {
        var open = new Open(dialog, new TaskCompletionSource<InteractionReply>(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_lock)
        {
            _open[dialog.Id] = open;
            Send(dialog);
        }

        return open.Reply.Task;
    }

    private void Answer(InteractionReply reply)
    {
        lock (_lock)
        {
            if (_open.TryGetValue(reply.Id, out var open))
            {
                open.Reply.TrySetResult(reply);
            }
        }
    }

    private void Close(int id)
    {
        lock (_lock)
        {
            _open.Remove(id);
            Send(new Interaction { Id = id, End = new InteractionEnd() });
        }
    }

    private void Send(Interaction dialog)
    {
        foreach (var window in _windows)
        {
            window.TryWrite(dialog);
        }
    }

    // The dashboard sends back what it shows; only the value is taken from it.
    private static Input? Filled(IReadOnlyList<Input> inputs, Input reply, int index)
    {
        var input = inputs.FirstOrDefault(i => i.Name.Length > 0 && i.Name == reply.Name) ?? inputs.ElementAtOrDefault(index);
        if (input is null)
        {
            return null;
        }

        var filled = input.Clone();
        filled.Value = reply.Value;
        filled.Errors.Clear();
        return filled;
    }

    private sealed record Open(Interaction Dialog, TaskCompletionSource<InteractionReply> Reply);
}
