using System.Globalization;
using System.Text;
using Catalog.Server.Doors.Online;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Serving;

public sealed class DecimalDigitsTests
{
    [Theory]
    [InlineData(0ul)]
    [InlineData(9ul)]
    [InlineData(10ul)]
    [InlineData(99_999_999ul)]
    [InlineData(100_000_000ul)]
    [InlineData(10_000_000_000_000_000ul)]
    [InlineData(9_999_999_999_999_999ul)]
    [InlineData(ulong.MaxValue)]
    public void Edges_are_written_as_NET_does(ulong number) => IsWrittenAlike(number);

    [Fact]
    public void Numbers_of_any_length_are_written_as_NET_does() =>
        Gen.Select(Gen.ULong, Gen.Int[0, 63], (bits, shift) => bits >> shift).Sample(IsWrittenAlike, iter: 100_000);

    private static void IsWrittenAlike(ulong number)
    {
        Span<byte> room = stackalloc byte[24];
        var length = DecimalDigits.Write(room, number);
        Assert.Equal(number.ToString(CultureInfo.InvariantCulture), Encoding.ASCII.GetString(room[..length]));
    }
}
