namespace Aspire.Hosting.Orchestration;

internal sealed class ApplicationOrchestrator;
