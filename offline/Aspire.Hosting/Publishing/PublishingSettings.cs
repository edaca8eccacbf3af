using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Publishing;

/// <summary>What the command line asked to publish, in the older (<c>--publisher</c>) or the newer (<c>--operation publish --step</c>) spelling.</summary>
internal sealed record PublishingSettings(bool IsPublish, string? Publisher, string? Step)
{
    public static PublishingSettings Read(IConfiguration configuration)
    {
        var publisher = configuration["Publishing:Publisher"];
        var isPublish = string.Equals(configuration["AppHost:Operation"], "publish", StringComparison.OrdinalIgnoreCase) || publisher is not null;
        var step = configuration["Pipeline:Step"] ?? (string.Equals(publisher, "manifest", StringComparison.OrdinalIgnoreCase) ? ManifestStep.Name : null);
        return new PublishingSettings(isPublish, publisher, step);
    }
}
