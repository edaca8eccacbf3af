using System.Globalization;
using System.Security.Cryptography;
using Xunit.Abstractions;

namespace KedaJobs.Tests.ServiceBus.Fuzzing;

/// <summary>The seed of a fuzzing run: a new one each time, printed, unless the environment fixes it to repeat a failure.</summary>
internal static class FuzzSeed
{
    public const string Variable = "KEDAJOBS_FUZZ_SEED";

    public static int Choose(ITestOutputHelper output)
    {
        var seed = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : RandomNumberGenerator.GetInt32(int.MaxValue);
        output.WriteLine($"{Variable}={seed}");
        return seed;
    }
}
