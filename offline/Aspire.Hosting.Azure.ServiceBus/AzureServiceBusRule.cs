namespace Aspire.Hosting.Azure;

public class AzureServiceBusRule(string name)
{
    /// <summary>Never empty, as is any entity's name.</summary>
    public string Name { get; set => field = EntityName.NotEmpty(value); } = EntityName.NotEmpty(name);

    public AzureServiceBusCorrelationFilter CorrelationFilter { get; set; } = new();

    public AzureServiceBusFilterType FilterType { get; set; } = AzureServiceBusFilterType.CorrelationFilter;
}

public enum AzureServiceBusFilterType
{
    SqlFilter = 0,
    CorrelationFilter = 1,
}

public class AzureServiceBusCorrelationFilter
{
    public Dictionary<string, object> Properties { get; set; } = [];

    public string? CorrelationId { get; set; }

    public string? MessageId { get; set; }

    public string? SendTo { get; set; }

    public string? ReplyTo { get; set; }

    public string? Subject { get; set; }

    public string? SessionId { get; set; }

    public string? ReplyToSessionId { get; set; }

    public string? ContentType { get; set; }

    public bool? RequiresPreprocessing { get; set; }
}
