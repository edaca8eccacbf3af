namespace Aspire.Hosting;

/// <summary>The application cannot start for a reason that the user can mend: said in one line, without a stack trace.</summary>
internal sealed class StartRefusedException(string message) : DistributedApplicationException(message);
