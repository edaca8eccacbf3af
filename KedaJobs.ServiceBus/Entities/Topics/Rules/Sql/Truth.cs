namespace KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

/// <summary>What a predicate says, ordered so that AND is the lesser and OR the greater of two.</summary>
internal enum Truth : byte
{
    False,

    /// <summary>Neither: something it compares has no value.</summary>
    Unknown,
    True,
}

internal static class Truths
{
    public static Truth Of(bool value) => value ? Truth.True : Truth.False;

    public static Truth Not(this Truth truth) => (Truth)(Truth.True - truth);
}
