using KedaJobs.Hosting;
using KedaJobs.Hosting.Local;
using Microsoft.Extensions.Configuration;

namespace KedaJobs.Tests.Hosting.Local;

public class LocalSettingsTests
{
    [Theory]
    [InlineData(30, null, 2)]
    [InlineData(1, null, 1)]
    [InlineData(30, "00:00:45", 45)]
    [InlineData(30, "00:00:00.2", 0.2)]
    public void Polling_interval_is_the_smaller_of_declared_and_two_seconds_unless_told(double declared, string? told, double expected)
    {
        var settings = Read(("KedaJobs:Local:PollingInterval", told));

        var interval = settings.PollingIntervalOf(new EventJobOptions { PollingInterval = TimeSpan.FromSeconds(declared) });

        Assert.Equal(TimeSpan.FromSeconds(expected), interval);
    }

    [Theory]
    [InlineData(null, 12)]
    [InlineData("3", 3)]
    public void Slots_are_a_dozen_unless_told(string? told, int expected) =>
        Assert.Equal(expected, Read(("KedaJobs:Local:Slots", told)).SlotCount);

    [Fact]
    public void Workers_are_told_less_than_they_get()
    {
        var settings = Read(("KedaJobs:Local:ShutdownGrace", "00:00:20"));

        Assert.Equal((TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(16)), (settings.ShutdownGrace, settings.AnnouncedGrace));
    }

    [Theory]
    [InlineData("KedaJobs:Local:PollingInterval", "00:00:00", "must be longer than 0")]
    [InlineData("KedaJobs:Local:PollingInterval", "soon", "KedaJobs:Local:PollingInterval")]
    [InlineData("KedaJobs:Local:PollingInterval", "2.00:00:00", "at most 1 day")]
    [InlineData("KedaJobs:Local:Slots", "0", "must be from 1 to 1000")]
    [InlineData("KedaJobs:Local:ShutdownGrace", "00:00:00", "must be from 1 second")]
    [InlineData("KedaJobs:Local:Slot", "4", "Slot")]
    public void Wrong_setting_is_named(string key, string value, string expected)
    {
        var failure = Assert.Throws<JobDeclarationException>(() => Read((key, value)));

        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    private static LocalSettings Read(params (string Key, string? Value)[] settings) => LocalSettings.Read(new ConfigurationBuilder()
        .AddInMemoryCollection(
            settings.Where(setting => setting.Value is not null).Select(setting => KeyValuePair.Create(setting.Key, setting.Value)))
        .Build());
}
