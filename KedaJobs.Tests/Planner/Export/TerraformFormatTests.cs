using KedaJobs.Planner.Export.Terraform;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Tests.Scaling.Definitions;

namespace KedaJobs.Tests.Planner.Export;

public class TerraformFormatTests
{
    [TerraformFact]
    public async Task Worker_IsFormatted() => await TerraformFormat.AssertFormattedAsync(TerraformExport.Write(Samples.Worker, new()));

    [TerraformFact]
    public async Task Everything_IsFormatted() => await TerraformFormat.AssertFormattedAsync(TerraformExport.Write(Samples.Everything, new()));

    [TerraformFact]
    public async Task OddText_IsFormattedAndStaysText()
    {
        var job = Samples.Worker with
        {
            Environment = new Dictionary<string, DefinedText> { ["ODD"] = "a\\b \"c\" ${d} %{e} $f\n\tg\r", ["EMPTY"] = "" },
            Rules = [new() { Name = "odd", Type = "prometheus", Metadata = new Dictionary<string, DefinedText> { ["a b"] = "sum(rate(x{y=\"z\"}[1m]))" }, Identity = "system" }],
            Identities = [.. Samples.Worker.Identities],
        };

        var text = TerraformExport.Write(job, new());

        Assert.Contains("value = \"a\\\\b \\\"c\\\" $${d} %%{e} $f\\n\\tg\\r\"", text, StringComparison.Ordinal);
        await TerraformFormat.AssertFormattedAsync(text);
    }
}
