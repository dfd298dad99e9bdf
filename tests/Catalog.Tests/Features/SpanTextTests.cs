using System.Text.Json;
using Catalog.Features;
using Xunit;

namespace Catalog.Tests.Features;

public sealed class SpanTextTests
{
    [Theory]
    [InlineData("7d", 7 * TimeSpan.TicksPerDay)]
    [InlineData("36h", 36 * TimeSpan.TicksPerHour)]
    [InlineData("1.5h", 90 * TimeSpan.TicksPerMinute)]
    [InlineData("90m", 90 * TimeSpan.TicksPerMinute)]
    [InlineData("30s", 30 * TimeSpan.TicksPerSecond)]
    [InlineData("250ms", 250 * TimeSpan.TicksPerMillisecond)]
    [InlineData("3us", 30)]
    [InlineData("0.1us", 1)]
    [InlineData("0d", 0)]
    public void A_length_is_read(string text, long ticks) => Assert.Equal(ticks, SpanText.Find(text)?.Ticks);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("d")]
    [InlineData("7")]
    [InlineData("7 d")]
    [InlineData("-7d")]
    [InlineData("7w")]
    [InlineData("7days")]
    [InlineData("7ds")]
    [InlineData("1e3d")]
    [InlineData("1,000d")]
    [InlineData("0.01us")]
    [InlineData("99999999999d")]
    [InlineData("99999999999999999999999999999999999d")]
    public void What_is_none_is_not(string? text) => Assert.Null(SpanText.Find(text));

    [Theory]
    [InlineData(7 * TimeSpan.TicksPerDay, "7d")]
    [InlineData(36 * TimeSpan.TicksPerHour, "36h")]
    [InlineData(90 * TimeSpan.TicksPerSecond, "90s")]
    [InlineData(15, "1.5us")]
    [InlineData(0, "0s")]
    public void A_length_is_written_in_the_longest_unit_that_fits(long ticks, string text)
    {
        Assert.Equal(text, SpanText.Write(TimeSpan.FromTicks(ticks)));
        Assert.Equal(ticks, SpanText.Find(text)?.Ticks);
    }

    [Fact]
    public void Definitions_write_lengths_as_text()
    {
        var text = JsonSerializer.Serialize(Definitions.Plain, JsonSerializerOptions.Web);

        Assert.Contains("\"timeToLive\":\"7d\"", text, StringComparison.Ordinal);
        Assert.Equal(Definitions.Plain, JsonSerializer.Deserialize<FeatureDefinition>(text, JsonSerializerOptions.Web));
        var words = text.Replace("7d", "7 days", StringComparison.Ordinal);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<FeatureDefinition>(words, JsonSerializerOptions.Web));
    }
}
