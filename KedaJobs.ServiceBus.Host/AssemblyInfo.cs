using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("KedaJobs.Tests")]
