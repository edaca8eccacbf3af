using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Publishing;

/// <summary>What is published of an AppHost that declares everything.</summary>
public class EverythingDeclaredTests(EverythingDeclared everything) : IClassFixture<EverythingDeclared>
{
    [BicepFact]
    public async Task Every_module_compiles() => Assert.NotEmpty(await everything.TemplatesAsync());
}
