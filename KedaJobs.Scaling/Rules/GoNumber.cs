using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace KedaJobs.Scaling.Rules;

/// <summary>Numbers as Go, in which KEDA is written, reads and converts them.</summary>
internal static partial class GoNumber
{
    private const double TwoTo63 = 9223372036854775808d;

    /// <summary>
    /// <c>int64(math.Ceil(x))</c>. Beyond the range of int64 the language leaves the result to the machine; KEDA on x64 would then go on to
    /// ask for a negative number of jobs and panic, so there is no answer to reproduce: the nearest int64 is taken.
    /// </summary>
    public static long CeilingToInt64(double value) => (long)Math.Ceiling(value);

    /// <summary>
    /// <c>int64(x)</c>: towards zero. NaN and numbers beyond the range of int64 become the smallest
    /// int64, as on x64, which is what Azure runs.
    /// </summary>
    public static long TruncateToInt64(double value) => value is >= -TwoTo63 and < TwoTo63 ? (long)value : long.MinValue;

    /// <summary>
    /// <c>strconv.ParseFloat(text, 64)</c>: false where it reports an error, which it does for a number too large as well.
    /// </summary>
    public static bool TryParseFloat(string? text, out double value)
    {
        value = 0;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        if (Special(text) is { } special)
        {
            value = special;
            return true;
        }

        if (DecimalSyntax().IsMatch(text))
        {
            value = double.Parse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture);
        }
        else if (HexadecimalSyntax().Match(text) is { Success: true } match)
        {
            value = Hexadecimal(match);
        }
        else
        {
            return false;
        }

        return double.IsFinite(value);
    }

    // NaN takes no sign, infinity does.
    private static double? Special(string text)
    {
        if (Ascii.EqualsIgnoreCase(text, "nan"))
        {
            return double.NaN;
        }

        var unsigned = text[0] is '+' or '-' ? text.AsSpan(1) : text;
        return !Ascii.EqualsIgnoreCase(unsigned, "inf") && !Ascii.EqualsIgnoreCase(unsigned, "infinity") ? null
            : text[0] == '-' ? double.NegativeInfinity
            : double.PositiveInfinity;
    }

    private static double Hexadecimal(Match match)
    {
        var whole = match.Groups["whole"].Value.Replace("_", "", StringComparison.Ordinal);
        var fraction = match.Groups["fraction"].Value.Replace("_", "", StringComparison.Ordinal);
        var digits = (whole + fraction).TrimStart('0');
        if (digits.Length == 0)
        {
            return 0;
        }

        // 15 digits leave at least 57 significant bits; rounding only needs to know whether anything follows.
        var mantissa =
            ulong.Parse(digits.AsSpan(0, Math.Min(15, digits.Length)), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) << 4;
        var rest = digits.AsSpan(Math.Min(15, digits.Length));
        mantissa |= rest.ContainsAnyExcept('0') ? 1UL : 0UL;

        var exponent = Exponent(match.Groups["exponent"].Value) + (4L * (rest.Length - fraction.Length)) - 4;
        var value = Math.ScaleB((double)mantissa, (int)Math.Clamp(exponent, -100_000, 100_000));
        return match.Groups["sign"].Value == "-" ? -value : value;
    }

    private static long Exponent(string text)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        if (long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent))
        {
            return Math.Clamp(exponent, -1_000_000_000, 1_000_000_000);
        }

        return digits[0] == '-' ? -1_000_000_000 : 1_000_000_000;
    }

    // Go's floating-point literals with a sign; an underscore may stand between two digits, and after 0x.
    private const string Digits = "[0-9](_?[0-9])*";
    private const string HexDigits = "[0-9a-fA-F](_?[0-9a-fA-F])*";

    [GeneratedRegex($@"\A[+-]?({Digits}(\.({Digits})?)?|\.{Digits})([eE][+-]?{Digits})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex DecimalSyntax();

    [GeneratedRegex(
        $@"\A(?<sign>[+-]?)0[xX](_?(?<whole>{HexDigits})(\.(?<fraction>{HexDigits})?)?|\.(?<fraction>{HexDigits}))"
        + $@"[pP](?<exponent>[+-]?{Digits})\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex HexadecimalSyntax();
}
