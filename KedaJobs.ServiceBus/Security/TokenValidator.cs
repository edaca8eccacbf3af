using System.Security.Cryptography;
using System.Text;

namespace KedaJobs.ServiceBus.Security;

/// <summary>What a valid token allows: some rights, below a path, until a time.</summary>
internal sealed record Grant(string Path, AccessRights Rights, DateTime Expiry)
{
    /// <summary>Whether the grant covers a right at an entity's path (no slash at either end).</summary>
    public bool Covers(string path, AccessRights right, DateTime now) => now < Expiry && (Rights & right) == right && IsBelow(path, Path);

    private static bool IsBelow(string path, string scope) =>
        scope.Length == 0
        || (path.StartsWith(scope, StringComparison.OrdinalIgnoreCase) && (path.Length == scope.Length || path[scope.Length] == '/'));
}

/// <summary>Checks tokens against the keys of the namespace and of single queues.</summary>
/// <param name="rules">The namespace's rules.</param>
/// <param name="rulesOf">The rules of a queue, or none where there is no such queue.</param>
internal sealed class TokenValidator(IReadOnlyList<SharedAccessRule> rules, Func<string, IReadOnlyList<SharedAccessRule>> rulesOf)
{
    /// <summary>Reads a token for the resource that it names itself.</summary>
    /// <param name="token">The token's text.</param>
    /// <param name="isLocal">Whether the client is on this machine (<see cref="SharedAccessRule.LoopbackOnly"/>).</param>
    /// <param name="now">The time.</param>
    /// <param name="problem">Why it is not valid; never contains the token.</param>
    public Grant? Validate(string? token, bool isLocal, DateTime now, out string problem)
    {
        if (SharedAccessSignature.Parse(token) is not { } signature)
        {
            problem = "The token is not a shared access signature.";
            return null;
        }

        if (signature.Expiry <= now)
        {
            problem = "The token has expired.";
            return null;
        }

        var path = signature.ResourcePath;
        if (FindRule(signature, path) is { } rule)
        {
            if (rule.LoopbackOnly && !isLocal)
            {
                problem = "The key of the token is for clients on the broker's own machine only: use another.";
                return null;
            }

            problem = "";
            return new Grant(path, rule.Rights, signature.Expiry);
        }

        problem = "The token has an invalid signature.";
        return null;
    }

    /// <summary>The grant of someone who shows a key of the namespace itself (SASL PLAIN), or null.</summary>
    public Grant? ValidateKey(string name, string key, bool isLocal)
    {
        var bytes = Encoding.UTF8.GetBytes(key);
        foreach (var rule in rules)
        {
            if (rule.Name == name
                && (isLocal || !rule.LoopbackOnly)
                && (Equals(bytes, rule.Key) || (rule.SecondaryKey is { Length: > 0 } secondary && Equals(bytes, secondary))))
            {
                return new Grant("", rule.Rights, DateTime.MaxValue);
            }
        }

        return null;

        static bool Equals(byte[] given, string expected) =>
            CryptographicOperations.FixedTimeEquals(given, Encoding.UTF8.GetBytes(expected));
    }

    private SharedAccessRule? FindRule(SharedAccessSignature signature, string path)
    {
        if (Match(rules, signature) is { } rule)
        {
            return rule;
        }

        // A queue's key is good for tokens at or below the queue. Its name may have slashes: try from the longest to the shortest.
        for (var length = path.Length; length > 0; length = path.LastIndexOf('/', length - 1))
        {
            if (length <= QueueOptionsValidator.MaxNameLength && Match(rulesOf(path[..length]), signature) is { } queueRule)
            {
                return queueRule;
            }
        }

        return null;
    }

    private static SharedAccessRule? Match(IReadOnlyList<SharedAccessRule> candidates, SharedAccessSignature signature)
    {
        foreach (var rule in candidates)
        {
            if (rule.Name == signature.KeyName
                && (signature.IsSignedWith(rule.Key)
                    || (rule.SecondaryKey is { Length: > 0 } secondary && signature.IsSignedWith(secondary))))
            {
                return rule;
            }
        }

        return null;
    }
}
