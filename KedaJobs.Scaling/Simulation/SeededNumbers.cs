namespace KedaJobs.Scaling.Simulation;

/// <summary>
/// Random numbers that depend on nothing but a seed and what they are for, so that a message's work takes equally long in every simulation
/// with the same seed, regardless of who handles it and when.
/// </summary>
/// <remarks>SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).</remarks>
internal static class SeededNumbers
{
    private const ulong Step = 0x9E3779B97F4A7C15;

    /// <summary>A seed of its own for one use of a seed.</summary>
    public static ulong Derive(ulong seed, ulong use) => Mix(seed + (Step * (use + 1)));

    /// <summary>The number from 0 to below 1 at a position.</summary>
    public static double At(ulong seed, long position) => ToUnit(Mix(seed + (Step * ((ulong)position + 1))));

    /// <summary>The next number from 0 to below 1 of a sequence.</summary>
    public static double Next(ref ulong state) => ToUnit(Mix(state += Step));

    private static double ToUnit(ulong bits) => (bits >> 11) * (1.0 / (1UL << 53));

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
