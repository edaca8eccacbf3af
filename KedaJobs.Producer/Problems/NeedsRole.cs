namespace KedaJobs.Producer.Problems;

/// <summary>What the producer's identity must be allowed for an endpoint to work, said when it is not.</summary>
internal sealed record NeedsRole(string Role, string Scope)
{
    public static NeedsRole? Of(Endpoint? endpoint) => endpoint?.Metadata.GetMetadata<NeedsRole>();
}
