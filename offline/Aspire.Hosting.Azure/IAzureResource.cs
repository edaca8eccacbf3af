namespace Aspire.Hosting.ApplicationModel;

public interface IAzureResource : IResource
{
    /// <summary>Ends when the resource exists in Azure. Whoever asks for an output of it in run mode waits for this.</summary>
    TaskCompletionSource? ProvisioningTaskCompletionSource { get; set; }
}
