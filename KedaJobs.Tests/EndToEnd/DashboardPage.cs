using System.Text.RegularExpressions;
using KedaJobs.Tests.Support;
using Microsoft.Playwright;

namespace KedaJobs.Tests.EndToEnd;

/// <summary>The dashboard's page of resources: what a person sees and clicks.</summary>
internal sealed class DashboardPage(IPage page)
{
    private static readonly LocatorAssertionsToBeVisibleOptions Patiently =
        new() { Timeout = (float)Eventually.DefaultDeadline.TotalMilliseconds };

    /// <summary>How long a menu or a prompt may take to close, in milliseconds.</summary>
    private const float Briefly = 2000;

    /// <summary>How long a page may take to come back with its prompt, in milliseconds.</summary>
    private const float Slowly = 10_000;

    private string? _opened;
    private bool _isReloaded;

    private ILocator Dialogs => page.Locator("fluent-dialog");

    private ILocator Dialog => Dialogs.Last;

    /// <summary>
    /// Logs in, and waits until the page has its rows. On a busy machine it sometimes gets none until it is loaded again.
    /// </summary>
    public Task LogInAsync(Uri address) => Eventually.SucceedsAsync("the dashboard shows its rows", async () =>
    {
        await page.GotoAsync(address.AbsoluteUri);
        await Assertions.Expect(Row("messaging")).ToBeVisibleAsync(new() { Timeout = Slowly });
    });

    /// <summary>Opens another page of the dashboard.</summary>
    public Task GoToAsync(string path) => page.GotoAsync(new Uri(new Uri(page.Url), path).AbsoluteUri);

    public Task SeesStateAsync(string resource, string state) =>
        Assertions.Expect(Row(resource).GetByText(state, new() { Exact = true })).ToBeVisibleAsync(Patiently);

    public Task SeesTextAsync(string text) => Assertions.Expect(page.GetByText(text).Last).ToBeVisibleAsync(Patiently);

    /// <summary>Whether there is a row of a table whose cells are, or contain, this.</summary>
    public Task SeesRowAsync(string cells) =>
        Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = cells }).Last).ToBeVisibleAsync(Patiently);

    /// <summary>Opens a resource's details, which must not be open yet: clicking again would close them.</summary>
    public async Task OpenAsync(string resource)
    {
        _opened = resource;
        var name = Row(resource).GetByText(resource, new() { Exact = true });
        await name.ClickAsync();
        await Eventually.SucceedsAsync($"the details of {resource} open", async () =>
        {
            try
            {
                await Assertions.Expect(Row(resource).And(page.Locator(".selected-row"))).ToBeVisibleAsync(new() { Timeout = Slowly });
            }
            catch (PlaywrightException)
            {
                // The row was drawn again and lost the click; or it is late, and another one on the same page would close the details.
                await page.ReloadAsync();
                await name.ClickAsync();
                throw;
            }
        });
    }

    /// <summary>Whether the details show a property without being asked for more.</summary>
    public Task ShowsAsync(string property) => Assertions.Expect(Property(property)).ToBeVisibleAsync(Patiently);

    /// <summary>Whether the details show a property at once, with this value.</summary>
    public Task ShowsAsync(string property, string value) =>
        Assertions.Expect(Property(property).GetByText(value, new() { Exact = true })).ToBeVisibleAsync(Patiently);

    public async Task ChooseAsync(string resource, string command)
    {
        await Row(resource).GetByRole(AriaRole.Button, new() { Name = "Actions", Exact = true }).ClickAsync();
        await ClickAwayAsync(page.GetByRole(AriaRole.Menuitem, new() { Name = command }).First);
    }

    /// <summary>Types into a field of the prompt, which its placeholder tells.</summary>
    public Task TypeAsync(string placeholder, string text) =>
        Dialog.GetByPlaceholder(placeholder, new() { Exact = true }).Last.FillAsync(text);

    /// <summary>Chooses from the prompt's list and presses a button, which closes it.</summary>
    /// <remarks>On a busy machine a prompt with a list sometimes takes no clicks any more. It comes back with the page.</remarks>
    /// <returns>Whether it is still the page that asked for the command. Another one does not get what the command shows.</returns>
    public async Task<bool> SelectAsync(string option, string button)
    {
        await SelectAsync(option);
        await ClickAwayAsync(Button(button), async () =>
        {
            await ReloadAsync();
            await SelectAsync(option, Slowly);
        });
        var isSamePage = !_isReloaded;
        await ReopenAsync();
        return isSamePage;
    }

    /// <summary>Calls a prompt with a list off; see <see cref="SelectAsync(string, string)"/>.</summary>
    public async Task CancelAsync()
    {
        await ClickAwayAsync(Button("Cancel"), ReloadAsync);
        await ReopenAsync();
    }

    /// <summary>Presses a button of the prompt, which closes it.</summary>
    public Task PressAsync(string button) => ClickAwayAsync(Button(button));

    /// <summary>Presses a button of the prompt, which stays and says what is wrong.</summary>
    public async Task PressAsync(string button, string problem)
    {
        await Button(button).ClickAsync();
        await SeesTextAsync(problem);
    }

    /// <summary>Closes what a command has shown.</summary>
    public async Task CloseAsync()
    {
        var count = await Dialogs.CountAsync();
        await Dialog.GetByTitle("Close").ClickAsync();
        await Assertions.Expect(Dialogs).ToHaveCountAsync(count - 1);
    }

    private Task ReloadAsync()
    {
        _isReloaded = true;
        return page.ReloadAsync();
    }

    /// <summary>The page forgets the details when it is loaded again.</summary>
    private Task ReopenAsync()
    {
        var isDue = _isReloaded && _opened is not null;
        _isReloaded = false;
        return isDue ? OpenAsync(_opened!) : Task.CompletedTask;
    }

    private async Task SelectAsync(string option, float? timeout = null)
    {
        await Dialog.GetByRole(AriaRole.Combobox).ClickAsync(new() { Timeout = timeout });
        await Dialog.Locator("fluent-option").GetByText(option, new() { Exact = true }).ClickAsync(new() { Timeout = timeout });
    }

    private ILocator Button(string text) => Dialog.Locator("fluent-button").GetByText(text, new() { Exact = true });

    /// <summary>Clicks what goes away by that. What is drawn again at this moment loses the click, and is clicked again.</summary>
    private static async Task ClickAwayAsync(ILocator target, Func<Task>? beforeAnother = null)
    {
        await target.ClickAsync();
        await Eventually.SucceedsAsync($"{target} takes a click", async () =>
        {
            try
            {
                await Assertions.Expect(target).ToBeHiddenAsync(new() { Timeout = Briefly });
            }
            catch (PlaywrightException)
            {
                await (beforeAnother?.Invoke() ?? Task.CompletedTask);
                await target.ClickAsync(new() { Timeout = Slowly });
                throw;
            }
        });
    }

    private ILocator Row(string resource) => page.GetByRole(AriaRole.Row, new() { NameRegex = new($@"^\w+: {Regex.Escape(resource)} ") });

    private ILocator Property(string property) =>
        page.GetByRole(AriaRole.Row).Filter(new() { Has = page.GetByText(property, new() { Exact = true }) });
}
