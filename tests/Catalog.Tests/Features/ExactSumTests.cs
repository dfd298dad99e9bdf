using System.Numerics;
using Catalog.Features.PointInTime;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Features;

public sealed class ExactSumTests
{
    [Fact]
    public void It_is_the_nearest_double_to_the_exact_sum() =>
        AnyDouble.Array[0, 40].Sample(values =>
            Assert.Equal(Nearest(values.Aggregate(BigInteger.Zero, (s, v) => s + Scaled(v))), Sum(values).Value()));

    [Fact]
    public void Order_makes_no_difference() =>
        Gen.Select(AnyDouble.Array[0, 40], Gen.Int).Sample((values, seed) =>
        {
            var shuffled = values.ToArray();
            new Random(seed).Shuffle(shuffled);
            Assert.Equal(Bits(Sum(values)), Bits(Sum(shuffled)));
        });

    [Fact]
    public void What_is_taken_out_leaves_no_trace() =>
        Gen.Select(AnyDouble.Array[0, 20], AnyDouble.Array[0, 20]).Sample((kept, removed) =>
        {
            var sum = Sum([.. kept, .. removed]);
            foreach (var value in removed)
                sum.Remove(value);
            Assert.Equal(Bits(Sum(kept)), Bits(sum));
        });

    [Theory]
    [InlineData(new[] { 1e308, 1e308, -1e308 }, 1e308)]
    [InlineData(new[] { 1e308, 1e308 }, double.PositiveInfinity)]
    [InlineData(new[] { 1e16, 1.0, -1e16 }, 1.0)]
    [InlineData(new[] { double.Epsilon, -double.Epsilon }, 0.0)]
    [InlineData(new[] { double.Epsilon, double.Epsilon }, 2 * double.Epsilon)]
    [InlineData(new[] { double.PositiveInfinity, 1.0 }, double.PositiveInfinity)]
    [InlineData(new[] { double.PositiveInfinity, double.NegativeInfinity }, double.NaN)]
    [InlineData(new[] { double.NaN, 1.0 }, double.NaN)]
    [InlineData(new double[0], 0.0)]
    public void Extremes_are_told_right(double[] values, double sum) => Assert.Equal(sum, Sum(values).Value());

    [Fact]
    public void A_mean_is_finite_where_the_sum_is_beyond_every_double()
    {
        Assert.Equal(1.7e308, Sum([1.7e308, 1.7e308]).Mean(2));
        Assert.Equal(-double.MaxValue, Sum(Enumerable.Repeat(-double.MaxValue, 1_000)).Mean(1_000));
        Assert.Equal(double.PositiveInfinity, Sum([1.0, double.PositiveInfinity]).Mean(2));
    }

    [Fact]
    public void Adding_goes_on_after_the_sum_was_told() => AnyDouble.Array[1, 20].Sample(values =>
    {
        var sum = new ExactSum();
        foreach (var value in values)
        {
            sum.Add(value);
            sum.Value();
        }

        Assert.Equal(Bits(Sum(values)), Bits(sum));
    });

    [Fact]
    public void An_infinity_that_leaves_is_forgotten()
    {
        var sum = Sum([1.5, double.NegativeInfinity, double.NaN]);

        sum.Remove(double.NaN);
        sum.Remove(double.NegativeInfinity);

        Assert.Equal(1.5, sum.Value());
    }

    // Of all magnitudes, many of them near each other, so that digits are carried far.
    private static Gen<double> AnyDouble { get; } = Gen.OneOf(
        Gen.Double.Where(double.IsFinite),
        Gen.Double[-1e6, 1e6],
        Gen.Select(Gen.Int[-1074, 900], Gen.Long[-(1L << 53), 1L << 53], (e, m) => Math.ScaleB(m, e)).Where(double.IsFinite),
        One(0.0, -0.0, double.Epsilon, -double.Epsilon, double.MaxValue, -double.MaxValue, 2.2250738585072014E-308));

    private static ExactSum Sum(IEnumerable<double> values)
    {
        var sum = new ExactSum();
        foreach (var value in values)
            sum.Add(value);
        return sum;
    }

    private static long Bits(ExactSum sum) => BitConverter.DoubleToInt64Bits(sum.Value());

    /// <summary>In units of the least double.</summary>
    private static BigInteger Scaled(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)(bits >> 52) & 0x7FF;
        var mantissa = new BigInteger((bits & 0xFFFFFFFFFFFFF) | (exponent == 0 ? 0 : 1L << 52)) << Math.Max(0, exponent - 1);
        return bits < 0 ? -mantissa : mantissa;
    }

    private static double Nearest(BigInteger units)
    {
        var magnitude = BigInteger.Abs(units);
        var shift = Math.Max(0, (int)magnitude.GetBitLength() - 53);
        var (kept, rest) = (magnitude >> shift, magnitude & ((BigInteger.One << shift) - 1));
        var half = shift == 0 ? BigInteger.Zero : BigInteger.One << (shift - 1);
        if (shift > 0 && (rest > half || (rest == half && !kept.IsEven)))
            kept += 1;
        var value = Math.ScaleB((double)kept, shift - 1074);
        return units.Sign < 0 ? -value : value;
    }

    private static Gen<T> One<T>(params T[] of) => Gen.Int[0, of.Length - 1].Select(i => of[i]);
}
