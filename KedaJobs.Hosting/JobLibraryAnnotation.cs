using Aspire.Hosting.ApplicationModel;

namespace KedaJobs.Hosting;

/// <summary>The job's code uses the library KedaJobs.Jobs.</summary>
internal sealed class JobLibraryAnnotation : IResourceAnnotation;
