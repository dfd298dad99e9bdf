using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Catalog.Integrity;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Integrity;

public sealed class CanonicalJsonTests
{
    /// <summary>RFC 8785 section 3.2.2, the sample and its canonical form.</summary>
    [Fact]
    public void The_sample_of_the_rfc_has_the_bytes_of_the_rfc()
    {
        const string Sample = """
            {
              "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
              "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
              "literals": [null, true, false]
            }
            """;
        const string Canonical =
            """{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}""";

        Assert.Equal(Canonical, Json(Sample));
        Assert.Equal(Canonical, Text(JsonNode.Parse(Sample)));
        Assert.Equal(Canonical, Json(Canonical));
    }

    /// <summary>RFC 8785 section 3.2.3: names are ordered by UTF-16 code units, not by code points.</summary>
    [Fact]
    public void Members_are_ordered_as_in_the_rfc()
    {
        const string Sample = """
            {
              "\u20ac": "Euro Sign",
              "\r": "Carriage Return",
              "\ufb33": "Hebrew Letter Dalet With Dagesh",
              "1": "One",
              "\ud83d\ude00": "Emoji: Grinning Face",
              "\u0080": "Control",
              "\u00f6": "Latin Small Letter O With Diaeresis"
            }
            """;

        using var canonical = JsonDocument.Parse(CanonicalJson.Serialize(JsonNode.Parse(Sample)));

        Assert.Equal(
            [
                "Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign", "Emoji: Grinning Face",
                "Hebrew Letter Dalet With Dagesh",
            ],
            canonical.RootElement.EnumerateObject().Select(m => m.Value.GetString()));
    }

    /// <summary>RFC 8785 appendix B.</summary>
    [Theory]
    [InlineData(0x0000000000000000, "0")]
    [InlineData(0x8000000000000000, "0")]
    [InlineData(0x0000000000000001, "5e-324")]
    [InlineData(0x8000000000000001, "-5e-324")]
    [InlineData(0x7fefffffffffffff, "1.7976931348623157e+308")]
    [InlineData(0xffefffffffffffff, "-1.7976931348623157e+308")]
    [InlineData(0x4340000000000000, "9007199254740992")]
    [InlineData(0xc340000000000000, "-9007199254740992")]
    [InlineData(0x4430000000000000, "295147905179352830000")]
    [InlineData(0x44b52d02c7e14af5, "9.999999999999997e+22")]
    [InlineData(0x44b52d02c7e14af6, "1e+23")]
    [InlineData(0x44b52d02c7e14af7, "1.0000000000000001e+23")]
    [InlineData(0x444b1ae4d6e2ef4e, "999999999999999700000")]
    [InlineData(0x444b1ae4d6e2ef4f, "999999999999999900000")]
    [InlineData(0x444b1ae4d6e2ef50, "1e+21")]
    [InlineData(0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7")]
    [InlineData(0x3eb0c6f7a0b5ed8d, "0.000001")]
    [InlineData(0x41b3de4355555553, "333333333.3333332")]
    [InlineData(0x41b3de4355555554, "333333333.33333325")]
    [InlineData(0x41b3de4355555555, "333333333.3333333")]
    [InlineData(0x41b3de4355555556, "333333333.3333334")]
    [InlineData(0x41b3de4355555557, "333333333.33333343")]
    [InlineData(0xbecbf647612f3696, "-0.0000033333333333333333")]
    [InlineData(0x43143ff3c1cb0959, "1424953923781206.2")]
    public void Numbers_are_printed_as_in_the_rfc(ulong bits, string text)
    {
        var value = BitConverter.UInt64BitsToDouble(bits);

        Assert.Equal(text, Text(value));
        Assert.Equal(text, Json(text));
        Assert.Equal(value, double.Parse(text));
    }

    [Fact]
    public void Every_finite_number_reads_back_as_itself() =>
        Gen.ULong.Select(BitConverter.UInt64BitsToDouble).Where(double.IsFinite).Sample(value =>
        {
            Assert.Equal(value, double.Parse(Text(value)));
            Assert.Equal(Text(value), Json(Text(value)));
        });

    [Fact]
    public void Every_power_of_two_reads_back_as_itself()
    {
        Assert.All(Enumerable.Range(-1074, 2098).Select(e => Math.ScaleB(1, e)), value => Assert.Equal(value, double.Parse(Text(value))));
        Assert.Equal("2.9802322387695312e-8", Text(Math.ScaleB(1, -25)));
        Assert.Equal("4.1045368012983762e-289", Text(Math.ScaleB(1, -958)));
    }

    [Fact]
    public void Typed_values_that_json_numbers_would_lose_are_strings()
    {
        Assert.Equal("\"9223372036854775807\"", Text(long.MaxValue));
        Assert.Equal("\"1\"", Text(1L));
        Assert.Equal("\"18446744073709551615\"", Text(ulong.MaxValue));
        Assert.Equal("\"123456789012345678901234567890\"", Text(BigInteger.Parse("123456789012345678901234567890")));
        Assert.Equal("\"1.1\"", Text(1.10m));
        Assert.Equal("\"100\"", Text(100m));
        Assert.Equal("\"NaN\"", Text(double.NaN));
        Assert.Equal("\"Infinity\"", Text(float.PositiveInfinity));
        Assert.Equal("\"-Infinity\"", Text(double.NegativeInfinity));
        Assert.Equal("\"2024-01-31\"", Text(new DateOnly(2024, 1, 31)));
        Assert.Equal("\"06:30:00.25\"", Text(new TimeOnly(6, 30, 0, 250)));
        Assert.Equal("\"2024-01-31T05:30:00Z\"", Text(new DateTimeOffset(2024, 1, 31, 6, 30, 0, TimeSpan.FromHours(1))));
        Assert.Equal("\"2024-01-31T06:30:00.5\"", Text(new DateTime(2024, 1, 31, 6, 30, 0, 500, DateTimeKind.Unspecified)));
        Assert.Equal("\"2024-01-31T06:30:00Z\"", Text(new DateTime(2024, 1, 31, 6, 30, 0, DateTimeKind.Utc)));
    }

    [Fact]
    public void Other_typed_values_are_plain_json()
    {
        Assert.Equal(
            """{"a":[1,2.5,0.5,true,null,"x"],"b":{"c":"00000000-0000-0000-0000-000000000001"}}""",
            Text(new Dictionary<string, object?>
            {
                ["b"] = new Dictionary<string, Guid> { ["c"] = new("00000000-0000-0000-0000-000000000001") },
                ["a"] = new object?[] { 1, 2.5, 0.5f, true, null, "x" },
            }));
    }

    [Fact]
    public void What_has_no_canonical_form_is_refused()
    {
        Assert.Contains("occurs twice", Refused(() => Json("""{"a":1,"a":2}""")), StringComparison.Ordinal);
        Assert.Contains("surrogate", Refused(() => Json("""["\ud800"]""")), StringComparison.Ordinal);
        Assert.Contains("surrogate", Refused(() => Json("""{"\udead":1}""")), StringComparison.Ordinal);
        Assert.Contains("surrogate", Refused(() => Text("a" + '\ud800')), StringComparison.Ordinal);
        Assert.Contains("too large", Refused(() => Json("1e400")), StringComparison.Ordinal);
        Assert.Contains("rounded to 9007199254740992", Refused(() => Json("9007199254740993")), StringComparison.Ordinal);
        Assert.Contains("Uri has no canonical form", Refused(() => Text(new Uri("file:///a"))), StringComparison.Ordinal);
        Assert.Contains("hexadecimal", Refused(() => Text(new byte[1])), StringComparison.Ordinal);
        Assert.Contains(
            "128 levels",
            Refused(() => Text(Enumerable.Range(0, 200).Aggregate((object?)null, (inner, _) => new[] { inner }))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Canonical_text_stays_as_it_is() =>
        Gen.String.Where(s => s.EnumerateRunes().All(r => r != Rune.ReplacementChar)).Array.Sample(texts =>
        {
            var canonical = Text(texts);

            Assert.Equal(texts, JsonSerializer.Deserialize<string[]>(canonical));
            Assert.Equal(canonical, Json(canonical));
        });

    private static string Refused(Func<string> act) => Assert.Throws<ArgumentException>(act).Message;

    private static string Text(object? value) => Encoding.UTF8.GetString(CanonicalJson.Serialize(value));

    private static string Json(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Text(document.RootElement);
    }
}
