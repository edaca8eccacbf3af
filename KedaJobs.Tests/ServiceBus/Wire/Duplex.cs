using System.IO.Pipelines;

namespace KedaJobs.Tests.ServiceBus.Wire;

/// <summary>One side of a connection without a socket.</summary>
internal sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
