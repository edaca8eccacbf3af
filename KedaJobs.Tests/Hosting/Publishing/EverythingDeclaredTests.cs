using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Publishing;

/// <summary>What is published of an AppHost that declares everything.</summary>
public class EverythingDeclaredTests(EverythingDeclared everything) : IClassFixture<EverythingDeclared>
{
    [BicepFact]
    public async Task EveryModule_Compiles() => Assert.NotEmpty(await everything.TemplatesAsync());
}
