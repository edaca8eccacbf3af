using KedaJobs.Scaling.Rules;

namespace KedaJobs.Tests.Scaling.Rules;

/// <summary>Go's strconv.ParseFloat and its conversion to int64, from the language's documentation.</summary>
public class GoNumberTests
{
    public static TheoryData<string, double> Numbers => new()
    {
        { "0.5", 0.5 }, { "1", 1 }, { "+1", 1 }, { "-1", -1 }, { ".5", 0.5 }, { "5.", 5 }, { "1e-1", 0.1 }, { "1E2", 100 },
        { "0e999999999999", 0 },
        { "1e-400", 0 }, { "inf", double.PositiveInfinity }, { "+Inf", double.PositiveInfinity }, { "-INFINITY", double.NegativeInfinity },
        { "nan", double.NaN }, { "NaN", double.NaN }, { "1_000.2_5", 1000.25 }, { "1_0e1_0", 1e11 },
        { "0x1p-1", 0.5 }, { "-0X1.8P1", -3 }, { "0x.8p0", 0.5 }, { "0x1.p4", 16 }, { "0x_1_0p0", 16 }, { "0x0p99999999999", 0 },
        { "0x1.00000000000008p0", 1 }, { "0x1.000000000000081p0", 1.0000000000000002 }, { "0x1.00000000000018p0", 1.0000000000000004 },
        { "0x1.fffffffffffff7fffp1023", double.MaxValue }, { "1.7976931348623158e308", double.MaxValue },
        { "0x1p-99999999999999999999", 0 }, { "0x123456789abcdef01p0", 20988295479420645121d },
    };

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Parse_float_reads_numbers_as_go_does(string text, double expected)
    {
        Assert.True(GoNumber.TryParseFloat(text, out var value));
        Assert.Equal(expected, value);
    }

    public static TheoryData<string?> NotNumbers =>
    [
        null, "", " ", " 0.5", "0.5 ", "0,5", "50%", "half", "+nan", "-NaN", "infi", "1e", "1e+", ".", "e1", "0x1", "0x", "0xp1", "1p2",
        "_1", "1_", "1__0", "1_.5", "1._5", "1e_1", "0x__1p0", "1e309", "-1e309", "0x1p1024", "0x1.fffffffffffff8p1023",
        "0x1p99999999999999999999", "１", "0.5\n", "--1", "1.2.3", "0b1",
    ];

    [Theory]
    [MemberData(nameof(NotNumbers))]
    public void Parse_float_refuses_what_go_refuses(string? text) => Assert.False(GoNumber.TryParseFloat(text, out _));

    public static TheoryData<double, long> Truncations => new()
    {
        { 1.9, 1 }, { -1.9, -1 }, { double.NaN, long.MinValue }, { double.PositiveInfinity, long.MinValue },
        { double.NegativeInfinity, long.MinValue },
        { 9223372036854775808d, long.MinValue }, { -9223372036854775808d, long.MinValue }, { 9223372036854774784d, 9223372036854774784 },
    };

    [Theory]
    [MemberData(nameof(Truncations))]
    public void Truncation_is_that_of_go_on_x_64(double value, long expected) => Assert.Equal(expected, GoNumber.TruncateToInt64(value));
}
