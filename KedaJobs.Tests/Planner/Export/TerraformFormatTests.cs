using KedaJobs.Planner.Export.Terraform;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Tests.Scaling.Definitions;

namespace KedaJobs.Tests.Planner.Export;

public class TerraformFormatTests
{
    [TerraformFact]
    public async Task Every_sample_is_formatted_and_its_references_are_declared()
    {
        foreach (var job in Samples.All)
        {
            var text = TerraformExport.Write(job, new());
            await TerraformFormat.AssertFormattedAsync(text);
            TerraformReferences.AssertDeclaredOnce(text);
        }
    }

    /// <summary>Names that differ in Azure and become the same in Terraform.</summary>
    [TerraformFact]
    public async Task Names_of_one_spelling_are_kept_apart()
    {
        var job = Samples.Worker with
        {
            Queues =
            [
                .. Samples.Worker.Queues,
                new() { Name = "a.b", ForwardTo = "a-b", ConnectionName = "one", Access = [EntityAccess.Receive] },
                new() { Name = "a-b", ForwardTo = "a_b", ConnectionName = "two", Access = [EntityAccess.Receive] },
                new() { Name = "a_b" },
            ],
            Environment = new Dictionary<string, DefinedText>
            {
                ["A"] = new([new TextPart.Parameter("location")]),
                ["B"] = new([new TextPart.Parameter("x-y")]),
                ["C"] = new([new TextPart.Parameter("x_y")]),
            },
        };

        var text = TerraformExport.Write(job, new());

        await TerraformFormat.AssertFormattedAsync(text);
        TerraformReferences.AssertDeclaredOnce(text);
        Assert.Contains("forward_to   = azurerm_servicebus_queue.a_b_2.name", text, StringComparison.Ordinal);
        Assert.Contains("forward_to   = azurerm_servicebus_queue.a_b_3.name", text, StringComparison.Ordinal);
        Assert.Contains("value = var.location_2", text, StringComparison.Ordinal);
    }

    /// <summary>An existing namespace without a group of its own is in the one that is deployed to, which therefore exists, too.</summary>
    [Fact]
    public void Existing_namespace_is_a_data_source()
    {
        var text = TerraformExport.Write(Samples.Worker with { Namespace = new("messaging") { Existing = new("shop-bus") } }, new());

        TerraformReferences.AssertDeclaredOnce(text);
        Assert.Contains(
            "data \"azurerm_servicebus_namespace\" \"messaging\" {\n  name                = \"shop-bus\"\n  resource_group_name = "
                + "data.azurerm_resource_group.main.name\n}", text, StringComparison.Ordinal);
        Assert.DoesNotContain("resource \"azurerm_servicebus_namespace\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("resource \"azurerm_resource_group\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Circle_in_an_existing_namespace_is_none_of_references()
    {
        var text = TerraformExport.Write(
            Samples.Worker with
            {
                Namespace = new("messaging") { Existing = new("shop-bus") },
                Queues =
                [
                    new() { Name = "jobs", ForwardTo = "attic" },
                    new() { Name = "attic", ForwardDeadLetteredMessagesTo = "jobs" },
                    new() { Name = "in", ForwardTo = "jobs" },
                ],
            },
            new());

        Assert.Contains("forward_to   = \"attic\"", text, StringComparison.Ordinal);
        Assert.Contains("forward_dead_lettered_messages_to = \"jobs\"", text, StringComparison.Ordinal);
        Assert.Contains("forward_to   = azurerm_servicebus_queue.jobs.name", text, StringComparison.Ordinal);
    }

    /// <summary>Where one subscription is filtered, Azure's own rule goes from all; so the others say what they take.</summary>
    [Fact]
    public void Subscription_without_rules_takes_everything_beside_a_filtered_one()
    {
        var filtered = TerraformExport.Write(Samples.Everything, new());
        var topic = Samples.Everything.Topics[0];
        var open = TerraformExport.Write(
            Samples.Everything with
            {
                Topics =
                [
                    topic with { Subscriptions = [.. topic.Subscriptions.Select(subscription => subscription with { Rules = null })] },
                ],
            },
            new());

        Assert.Contains("auto_delete_subscription_default_rule = true", filtered, StringComparison.Ordinal);
        Assert.Contains(
            "orders_archive.id\n  filter_type     = \"SqlFilter\"\n  sql_filter      = \"1=1\"", filtered, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "orders_mail.id\n  filter_type     = \"SqlFilter\"\n  sql_filter      = \"1=1\"", filtered, StringComparison.Ordinal);
        Assert.DoesNotContain("auto_delete_subscription_default_rule", open, StringComparison.Ordinal);
        Assert.DoesNotContain("azurerm_servicebus_subscription_rule", open, StringComparison.Ordinal);
    }

    [TerraformFact]
    public async Task Odd_text_is_formatted_and_stays_text()
    {
        var job = Samples.Worker with
        {
            Environment = new Dictionary<string, DefinedText> { ["ODD"] = "a\\b \"c\" ${d} %{e} $f\n\tg\r", ["EMPTY"] = "" },
            Rules = [new()
            {
                Name = "odd",
                Type = "prometheus",
                Metadata = new Dictionary<string, DefinedText> { ["a b"] = "sum(rate(x{y=\"z\"}[1m]))" },
                Identity = "system",
            }],
            Identities = [.. Samples.Worker.Identities],
        };

        var text = TerraformExport.Write(job, new());

        Assert.Contains("value = \"a\\\\b \\\"c\\\" $${d} %%{e} $f\\n\\tg\\r\"", text, StringComparison.Ordinal);
        await TerraformFormat.AssertFormattedAsync(text);
    }
}
