using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("KedaJobs.Tests")]
[assembly: InternalsVisibleTo("KedaJobs.ServiceBus.Host")]
[assembly: InternalsVisibleTo("KedaJobs.Benchmarks")]
