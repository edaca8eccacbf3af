using System.Collections;
using KedaJobs.Contracts;
using KedaJobs.Jobs;

namespace KedaJobs.Worker.Handlers;

/// <summary>A sieve over odd numbers, a window at a time, so that memory stays small and cancellation is seen.</summary>
internal sealed class PrimesHandler : IJobHandler<PrimesInput, PrimesOutput>
{
    /// <summary>Odd numbers of one window: a bit each, so that a window stays in the processor's cache.</summary>
    private const int WindowBits = 1 << 18;

    public Task<PrimesOutput> HandleAsync(PrimesInput input, JobContext job, CancellationToken cancellationToken)
    {
        var upTo = input.UpTo!.Value;
        var count = 0;
        var largest = new Queue<int>();
        foreach (var prime in PrimesUpTo(upTo, cancellationToken))
        {
            count++;
            largest.Enqueue(prime);
            if (largest.Count > input.List)
            {
                largest.Dequeue();
            }
        }

        return Task.FromResult(new PrimesOutput { UpTo = upTo, Count = count, Largest = [.. largest] });
    }

    private static IEnumerable<int> PrimesUpTo(int upTo, CancellationToken cancellationToken)
    {
        if (upTo >= 2)
        {
            yield return 2;
        }

        var divisors = OddPrimesUpTo((int)Math.Sqrt(upTo));
        var isComposite = new BitArray(WindowBits);
        for (long start = 3; start <= upTo; start += 2L * WindowBits)
        {
            cancellationToken.ThrowIfCancellationRequested();
            isComposite.SetAll(false);
            var end = Math.Min(upTo, start + (2L * WindowBits) - 1);
            foreach (long divisor in divisors)
            {
                // From the square on: smaller multiples have a smaller divisor. Even multiples are not in the window.
                var multiple = Math.Max(divisor * divisor, (start + divisor - 1) / divisor * divisor);
                multiple += multiple % 2 == 0 ? divisor : 0;
                for (; multiple <= end; multiple += 2 * divisor)
                {
                    isComposite[(int)((multiple - start) / 2)] = true;
                }
            }

            for (var number = start; number <= end; number += 2)
            {
                if (!isComposite[(int)((number - start) / 2)])
                {
                    yield return (int)number;
                }
            }
        }
    }

    private static List<int> OddPrimesUpTo(int upTo)
    {
        var primes = new List<int>();
        for (var candidate = 3; candidate <= upTo; candidate += 2)
        {
            if (primes.TakeWhile(prime => prime * prime <= candidate).All(prime => candidate % prime != 0))
            {
                primes.Add(candidate);
            }
        }

        return primes;
    }
}
