using System.Text.RegularExpressions;
using KedaJobs.Tests.Support;
using Microsoft.Playwright;

namespace KedaJobs.Tests.EndToEnd;

/// <summary>The real dashboard of the real AppHost in a real browser: what a person sees and clicks.</summary>
[Collection(AloneCollection.Name)]
public sealed class DashboardTests : IAsyncLifetime
{
    private static readonly LocatorAssertionsToBeVisibleOptions Patiently = new() { Timeout = (float)Eventually.DefaultDeadline.TotalMilliseconds };

    /// <summary>How long a menu may take to close, in milliseconds.</summary>
    private const float Briefly = 2000;

    private AppHostProcess? _host;
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private IPage? _page;

    private IPage Page => _page!;

    public async Task InitializeAsync()
    {
        if (new BrowserFactAttribute().Skip is not null)
        {
            return;
        }

        _host = await AppHostProcess.StartAsync();
        await Eventually.SucceedsAsync("the link to the dashboard", () => Assert.NotEmpty(_host.LoginUrl));
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = BrowserFactAttribute.Chromium, Args = ["--no-sandbox"] });
        _page = await _browser.NewPageAsync(new() { ViewportSize = new() { Width = 1600, Height = 1000 } });
        await _page.GotoAsync(_host.LoginUrl);
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.CloseAsync();
        }

        _playwright?.Dispose();
        if (_host is not null)
        {
            await _host.SignalAsync("TERM");
            await _host.EndedAsync();
            await _host.DisposeAsync();
        }
    }

    [BrowserFact]
    public async Task JobAndExecutions_AreShown_WithTheirNumbersAtOnce_AndStopByCommand()
    {
        await SeesAsync(Row("worker-01"), "Running");
        await Row("worker").GetByText("worker", new() { Exact = true }).ClickAsync();
        foreach (var property in (string[])["Queue length", "Running executions", "Last decision", "Finished executions"])
        {
            await Assertions.Expect(Page.GetByText(property, new() { Exact = true })).ToBeVisibleAsync();
        }

        await ShowsAsync("Running executions", "1 of at most 10");
        await ChooseAsync("worker", "Pause scaling");
        await ShowsAsync("Scaling", "paused");
        await ChooseAsync("worker-01", "Stop execution");

        await ShowsAsync("Running executions", "0 of at most 10");
        await SeesAsync(Row("worker-01"), "Exited");
        await ChooseAsync("worker", "Resume scaling");
        // The minimum of one execution is kept again.
        await ShowsAsync("Running executions", "1 of at most 10");
    }

    [BrowserFact]
    public async Task QueueCommands_PromptAndAnswer()
    {
        await ChooseAsync("results", "Send message");
        await Assertions.Expect(Page.GetByText("Sends a message to queue 'results'.")).ToBeVisibleAsync();
        await Page.GetByPlaceholder("""{"task": "wordcount"}""").Last.FillAsync("hello from a browser");
        await ConfirmAsync("Send message");
        await Row("results").GetByText("results", new() { Exact = true }).ClickAsync();
        await ShowsAsync("Active messages", "1");

        await ChooseAsync("results", "Peek messages");
        await ConfirmAsync("Peek messages");
        await Assertions.Expect(Page.GetByText("hello from a browser")).ToBeVisibleAsync(Patiently);
    }

    [BrowserFact]
    public async Task WhatIf_PromptsAndShowsBothColumns()
    {
        await ChooseAsync("jobs", "Send message");
        await Page.GetByPlaceholder("""{"task": "wordcount"}""").Last.FillAsync("""{"task": "wordcount", "input": {"text": "to be or not to be"}}""");
        await ConfirmAsync("Send message");

        await ChooseAsync("worker", "What if");
        await Page.GetByPlaceholder("5", new() { Exact = true }).Last.FillAsync("1");
        await Page.GetByPlaceholder("as measured").Last.FillAsync("12.5");
        await ConfirmAsync("What if");

        await Assertions.Expect(Page.GetByRole(AriaRole.Columnheader, new() { Name = "As declared" })).ToBeVisibleAsync(Patiently);
        await Assertions.Expect(Page.GetByRole(AriaRole.Row, new() { Name = "Messages per execution 5 1" })).ToBeVisibleAsync();
        await Assertions.Expect(Page.GetByText("the message of the last hour, handled in the time that you entered.")).ToBeVisibleAsync();
    }

    private ILocator Row(string resource) => Page.GetByRole(AriaRole.Row, new() { NameRegex = new($@"^\w+: {Regex.Escape(resource)} ") });

    private static Task SeesAsync(ILocator row, string state) =>
        Assertions.Expect(row.GetByText(state, new() { Exact = true })).ToBeVisibleAsync(Patiently);

    private async Task ChooseAsync(string resource, string command)
    {
        await Row(resource).GetByRole(AriaRole.Button, new() { Name = "Actions", Exact = true }).ClickAsync();
        var item = Page.GetByRole(AriaRole.Menuitem, new() { Name = command }).First;
        await item.ClickAsync();

        // A row that is drawn again at this moment loses the click, and its menu stays open.
        await Eventually.SucceedsAsync($"the menu of '{resource}' takes '{command}'", async () =>
        {
            if (await item.IsVisibleAsync())
            {
                await item.ClickAsync(new() { Timeout = Briefly });
                await Assertions.Expect(item).ToBeHiddenAsync(new() { Timeout = Briefly });
            }
        });
    }

    private Task ConfirmAsync(string button) => Page.Locator("fluent-button").GetByText(button, new() { Exact = true }).Last.ClickAsync();

    /// <summary>Whether the details show a property at once, with this value.</summary>
    private Task ShowsAsync(string property, string value) => Assertions.Expect(
        Page.GetByRole(AriaRole.Row).Filter(new() { Has = Page.GetByText(property, new() { Exact = true }) }).GetByText(value, new() { Exact = true })).ToBeVisibleAsync(Patiently);
}
