using System.Globalization;
using System.Text;
using Catalog.Server.Doors.Online;
using Xunit;

namespace Catalog.Tests.Serving;

public sealed class PythonNumbersTests
{
    [Theory]
    [InlineData(0.0, "0.0")]
    [InlineData(-0.0, "-0.0")]
    [InlineData(1.0, "1.0")]
    [InlineData(-5.0, "-5.0")]
    [InlineData(0.1, "0.1")]
    [InlineData(0.1f, "0.10000000149011612")]
    [InlineData(0.5, "0.5")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.00001, "1e-05")]
    [InlineData(0.000123, "0.000123")]
    [InlineData(0.0000123, "1.23e-05")]
    [InlineData(123456.789, "123456.789")]
    [InlineData(999999999999999.0, "999999999999999.0")]
    [InlineData(1e15, "1000000000000000.0")]
    [InlineData(1234567890123456.5, "1234567890123456.5")]
    [InlineData(9007199254740993.0, "9007199254740992.0")]
    [InlineData(9999999999999998.0, "9999999999999998.0")]
    [InlineData(1e16, "1e+16")]
    [InlineData(12345678901234567000.0, "1.2345678901234567e+19")]
    [InlineData(1e22, "1e+22")]
    [InlineData(1e100, "1e+100")]
    [InlineData(-1e-7, "-1e-07")]
    [InlineData(5e-324, "5e-324")]
    [InlineData(2.2250738585072014e-308, "2.2250738585072014e-308")]
    [InlineData(2.225073858507201e-308, "2.225073858507201e-308")]
    [InlineData(double.MaxValue, "1.7976931348623157e+308")]
    [InlineData(float.MaxValue, "3.4028234663852886e+38")]
    [InlineData(16777216f, "16777216.0")]
    public void A_number_is_written_as_Python_does(double number, string expected) => Assert.Equal(expected, Write(number));

    [Fact]
    public void Digits_are_the_shortest_that_read_back_as_the_number()
    {
        var random = new Random(20261126);
        for (var i = 0; i < 500_000; i++)
        {
            var number = Math.Abs(BitConverter.Int64BitsToDouble(random.NextInt64()));
            if (double.IsFinite(number) && number > 0)
                AssertAsDotNet(number);
            AssertAsDotNet(random.NextSingle() * 100 + float.Epsilon);
            AssertAsDotNet(random.NextDouble() + double.Epsilon);
        }
    }

    [Fact]
    public void Powers_of_two_and_their_neighbours_are_no_exception()
    {
        for (var exponent = -1074; exponent <= 1023; exponent++)
        {
            var power = Math.ScaleB(1, exponent);
            AssertAsDotNet(power);
            AssertAsDotNet(Math.BitIncrement(power));
            if (exponent > -1074)
                AssertAsDotNet(Math.BitDecrement(power));
        }
    }

    /// <summary>
    /// For some powers of two .NET has fewer digits, which read back as their neighbour (4.104536801298376E-289 for 2^-958); Python has 17.
    /// </summary>
    private static void AssertAsDotNet(double number)
    {
        var (digits, exponent) = ShortestDigits.Of(number);
        var shortest = number.ToString("R", CultureInfo.InvariantCulture);
        var expected = double.Parse(shortest, CultureInfo.InvariantCulture) == number
            ? shortest
            : number.ToString("E16", CultureInfo.InvariantCulture);
        Assert.True(
            Normal(digits.ToString(CultureInfo.InvariantCulture), exponent) == Parse(expected), $"{digits}e{exponent}, not {expected}");
    }

    private static (string Digits, int Exponent) Parse(string text)
    {
        var parts = text.Split('E');
        var exponent = parts is [_, var e] ? int.Parse(e, CultureInfo.InvariantCulture) : 0;
        var point = parts[0].IndexOf('.');
        return Normal(parts[0].Replace(".", "", StringComparison.Ordinal), point < 0 ? exponent : exponent - (parts[0].Length - point - 1));
    }

    private static (string Digits, int Exponent) Normal(string digits, int exponent)
    {
        var significant = digits.TrimStart('0').TrimEnd('0');
        return (significant, exponent + digits.Length - digits.TrimEnd('0').Length);
    }

    private static string Write(double number)
    {
        Span<byte> room = stackalloc byte[PythonNumbers.MaxBytes];
        return Encoding.ASCII.GetString(room[..PythonNumbers.Write(room, number)]);
    }
}
