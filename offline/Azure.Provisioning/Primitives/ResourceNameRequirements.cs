namespace Azure.Provisioning.Primitives;

[Flags]
public enum ResourceNameCharacters
{
    LowercaseLetters = 1,
    UppercaseLetters = 2,
    Letters = 3,
    Numbers = 4,
    Alphanumeric = 7,
    Hyphen = 8,
    Underscore = 16,
    Period = 32,
    Parentheses = 64,
}

public readonly struct ResourceNameRequirements(int minLength, int maxLength, ResourceNameCharacters validCharacters)
{
    public int MinLength { get; } = minLength;

    public int MaxLength { get; } = maxLength;

    public ResourceNameCharacters ValidCharacters { get; } = validCharacters;
}
