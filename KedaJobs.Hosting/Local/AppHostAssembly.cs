using System.Reflection;

namespace KedaJobs.Hosting.Local;

/// <summary>The AppHost's assembly, whose build says with which configuration the worker was built.</summary>
internal sealed record AppHostAssembly(Assembly? Assembly);
