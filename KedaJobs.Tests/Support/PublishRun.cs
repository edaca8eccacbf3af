using Aspire.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Tests.Support;

/// <summary>One run of an AppHost in publish mode.</summary>
internal static class PublishRun
{
    /// <summary>Runs it to its end.</summary>
    /// <returns>What was logged, line by line.</returns>
    /// <exception cref="InvalidOperationException">
    /// A step failed. The host itself ends as if nothing had happened, and only logs it.
    /// </exception>
    public static async Task<IReadOnlyList<string>> ToEndAsync(Action<IDistributedApplicationBuilder> declare, params string[] arguments)
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            Args = arguments,
            AssemblyName = typeof(PublishRun).Assembly.FullName,
        });
        builder.Services.AddFakeLogging();
        declare(builder);
        await using var app = builder.Build();
        await app.RunAsync().WaitAsync(Eventually.DefaultDeadline);
        var records = app.Services.GetFakeLogCollector().GetSnapshot();
        var failures = records.Where(record => record.Level >= LogLevel.Error).ToList();
        if (failures.Count > 0)
        {
            throw new InvalidOperationException(
                string.Join('\n', failures.Select(record => $"{record.Message} {record.Exception?.Message}")));
        }

        return [.. records.Select(record => $"{record.Level} {record.Category}: {record.Message} {record.Exception}")];
    }
}
