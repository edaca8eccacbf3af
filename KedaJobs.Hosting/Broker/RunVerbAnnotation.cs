using Aspire.Hosting.ApplicationModel;

namespace KedaJobs.Hosting.Broker;

/// <summary>
/// That a verb of this library says what a namespace runs on here. In both modes, so that a contradiction is found in both.
/// </summary>
/// <param name="Verb">The method that was called.</param>
/// <param name="Port">The port that was asked for; null for any free one.</param>
internal sealed record RunVerbAnnotation(string Verb, int? Port = null) : IResourceAnnotation;
