using System.Globalization;
using System.Numerics;
using Catalog.Features;
using Catalog.Hot;
using Catalog.Sdk;
using Xunit;

namespace Catalog.Tests.Sdk;

/// <summary>Values of .NET as keys, as a view's rows have them.</summary>
public sealed class MappedKeyPartsTests
{
    [Theory]
    [InlineData("decimal(10,2)", "12.3", "1230")]
    [InlineData("decimal(10,2)", "-0.01", "-1")]
    [InlineData("decimal(10,2)", "1.500", "150")]
    [InlineData("decimal(38,30)", "79228162514264337593543950.335", "79228162514264337593543950335000000000000000000000000000")]
    [InlineData("decimal(76,10)", "-79228162514264337593543950335", "-792281625142643375935439503350000000000")]
    public void Decimals_are_whole_numbers_of_the_types_last_digit(string type, string value, string unscaled)
    {
        var number = decimal.Parse(value, CultureInfo.InvariantCulture);
        if (BigInteger.Parse(unscaled, CultureInfo.InvariantCulture).GetByteCount() > HotType.Of(type).Width)
        {
            Assert.Throws<ArgumentException>(() => MappedKeyParts.Demand(number, HotType.Of(type), "key"));
            return;
        }

        Assert.Equal(BigInteger.Parse(unscaled, CultureInfo.InvariantCulture), new BigInteger(KeyOf(type, number)[4..]));
    }

    [Theory]
    [InlineData("decimal(10,2)", "0.001")]
    [InlineData("int64", "1")]
    public void A_decimal_that_the_type_does_not_have_is_no_key(string type, string value) => Assert.Throws<ArgumentException>(
        () => MappedKeyParts.Demand(decimal.Parse(value, CultureInfo.InvariantCulture), HotType.Of(type), "key"));

    [Fact]
    public void Times_between_two_units_are_no_keys()
    {
        var type = HotType.Of("timestamp(ms,UTC)");
        MappedKeyParts.Demand(DateTimeOffset.UnixEpoch.AddMilliseconds(7), type, "key");
        Assert.Throws<ArgumentException>(() => MappedKeyParts.Demand(DateTimeOffset.UnixEpoch.AddMicroseconds(7), type, "key"));
        Assert.Throws<ArgumentException>(() => MappedKeyParts.Demand(300, HotType.Of("uint8"), "key"));
        Assert.Throws<ArgumentException>(() => MappedKeyParts.Demand("ATL", HotType.Of("uuid"), "key"));
        Assert.Throws<ArgumentException>(() => MappedKeyParts.Demand(new byte[3], HotType.Of("fixed_binary(4)"), "key"));
    }

    /// <summary>The bytes of a key of one part, behind their length.</summary>
    private static byte[] KeyOf(string type, object value)
    {
        var definition = new FeatureDefinition(
            [new Entity("thing", [new EntityKey("key", type, "key")])], new FeatureSource(NodeId.Dataset("t", "events"), "at"),
            [new("x", "int64", "x")]);
        var keys = new KeyBatch();
        keys.Reset(RowLayout.Of(definition).Keys);
        MappedKeyParts.AddPart(keys, HotType.Of(type), value);
        keys.EndKey();
        return keys.BytesOf(0).ToArray();
    }
}
