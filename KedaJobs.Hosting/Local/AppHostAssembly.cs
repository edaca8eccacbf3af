using System.Reflection;

namespace KedaJobs.Hosting.Local;

/// <summary>The AppHost's assembly, whose build says with which configuration the worker was built, and its project's folder.</summary>
internal sealed record AppHostAssembly(Assembly? Assembly, string Directory);
