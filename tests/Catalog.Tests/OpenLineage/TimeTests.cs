using System.Globalization;
using Catalog.Lineage.OpenLineage;
using Xunit;

namespace Catalog.Tests.OpenLineage;

/// <summary>Times as clients write them.</summary>
public sealed class TimeTests
{
    [Theory]
    [InlineData("2026-11-24T10:00:00Z", "2026-11-24T10:00:00.0000000+00:00")]
    [InlineData("2026-11-24T10:00:00.001+10:00", "2026-11-24T00:00:00.0010000+00:00")]
    [InlineData("2021-11-03T10:53:52.427343", "2021-11-03T10:53:52.4273430+00:00")]
    [InlineData("2020-12-28T19:51:01.641499999Z", "2020-12-28T19:51:01.6414990+00:00")]
    [InlineData("2020-12-28T19:51:01.6414999999999999999999999Z", "2020-12-28T19:51:01.6414990+00:00")]
    [InlineData("2026-11-24T10:00Z", "2026-11-24T10:00:00.0000000+00:00")]
    [InlineData("2026-11-24T10:00:00+0130", "2026-11-24T08:30:00.0000000+00:00")]
    [InlineData("2026-11-24T10:00:00-03", "2026-11-24T13:00:00.0000000+00:00")]
    [InlineData("2026-11-24t10:00:00z", "2026-11-24T10:00:00.0000000+00:00")]
    [InlineData("2026-11-24 10:00:00", "2026-11-24T10:00:00.0000000+00:00")]
    [InlineData("2026-11-24T10:00:00+01:00[Europe/Paris]", "2026-11-24T09:00:00.0000000+00:00")]
    [InlineData("2026-11-24", "2026-11-24T00:00:00.0000000+00:00")]
    [InlineData("2026-12-31T23:59:60Z", "2026-12-31T23:59:59.9999990+00:00")]
    public void A_time_is_read_as_UTC_to_the_microsecond(string text, string utc)
    {
        Assert.True(EventTime.TryParse(text, out var time));
        Assert.Equal(utc, time.ToString("O", CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("")]
    [InlineData("now")]
    [InlineData("2026-11")]
    [InlineData("2026-13-01T00:00:00Z")]
    [InlineData("2026-11-24T24:00:00Z")]
    [InlineData("2026-11-24T10:60:00Z")]
    [InlineData("2026-11-24T10:00:61Z")]
    [InlineData("2026-11-24T10:00:00.Z")]
    [InlineData("2026-11-24T10:00:00Z and more")]
    [InlineData("2026-11-24T10:00:00+")]
    [InlineData("2026-11-24T10:00:00+1:00")]
    [InlineData("2026-11-24T10:00:00+01:")]
    [InlineData("2026-11-24T10:00:")]
    [InlineData("2026-11-24T")]
    [InlineData("2026-11-24X10:00:00Z")]
    [InlineData("0001-01-01T00:00:00+23:59")]
    [InlineData("9999-12-31T23:59:59-23:59")]
    [InlineData("24 November 2026")]
    public void What_is_no_time_is_refused(string text) => Assert.False(EventTime.TryParse(text, out _));
}
