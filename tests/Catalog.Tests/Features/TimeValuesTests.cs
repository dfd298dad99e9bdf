using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Storage.Columnar.PointInTime;
using Xunit;

namespace Catalog.Tests.Features;

/// <summary>Times as the join takes them: microseconds since 1970 in UTC.</summary>
public sealed class TimeValuesTests
{
    private static readonly Dictionary<string, IArrowType> s_types = new()
    {
        ["s"] = new TimestampType(TimeUnit.Second, "UTC"),
        ["ms"] = new TimestampType(TimeUnit.Millisecond, "UTC"),
        ["us"] = new TimestampType(TimeUnit.Microsecond, "UTC"),
        ["ns"] = new TimestampType(TimeUnit.Nanosecond, "UTC"),
        ["local us"] = new TimestampType(TimeUnit.Microsecond, (string?)null),
        ["day"] = Date32Type.Default,
    };

    [Theory]
    [InlineData("s", 2, 2_000_000)]
    [InlineData("ms", -2, -2_000)]
    [InlineData("us", 2, 2)]
    [InlineData("day", -1, -86_400_000_000)]
    public void Units_are_microseconds(string type, long value, long expected)
    {
        Assert.Equal(expected, Read(type, value, roundUp: false));
        Assert.Equal(expected, Read(type, value, roundUp: true));
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 0, 1)]
    [InlineData(999, 0, 1)]
    [InlineData(1_000, 1, 1)]
    [InlineData(1_001, 1, 2)]
    [InlineData(-1, -1, 0)]
    [InlineData(-1_000, -1, -1)]
    [InlineData(-1_001, -2, -1)]
    public void Nanoseconds_of_rows_are_rounded_down_and_those_of_events_up(long value, long row, long happening)
    {
        Assert.Equal(row, Read("ns", value, roundUp: false));
        Assert.Equal(happening, Read("ns", value, roundUp: true));
    }

    [Theory]
    [InlineData("America/New_York", "2001-04-01T01:59:59.999999", "2001-04-01T06:59:59.999999Z")]
    [InlineData("America/New_York", "2001-04-01T02:00:00", "2001-04-01T07:00:00Z")]
    [InlineData("America/New_York", "2001-04-01T02:30:00", "2001-04-01T07:30:00Z")]
    [InlineData("America/New_York", "2001-04-01T03:00:00", "2001-04-01T07:00:00Z")]
    [InlineData("America/New_York", "2001-10-28T00:59:59.999999", "2001-10-28T04:59:59.999999Z")]
    [InlineData("America/New_York", "2001-10-28T01:30:00", "2001-10-28T05:30:00Z")]
    [InlineData("America/New_York", "2001-10-28T02:00:00", "2001-10-28T07:00:00Z")]
    [InlineData("Europe/Berlin", "2001-03-25T02:30:00", "2001-03-25T01:30:00Z")]
    [InlineData("Europe/Berlin", "2001-03-25T03:00:00", "2001-03-25T01:00:00Z")]
    [InlineData("Europe/Berlin", "2001-10-28T02:30:00", "2001-10-28T00:30:00Z")]
    [InlineData("Europe/Berlin", "2001-10-28T03:00:00", "2001-10-28T02:00:00Z")]
    [InlineData("Australia/Lord_Howe", "2001-03-25T01:45:00", "2001-03-24T14:45:00Z")]
    [InlineData("Asia/Kathmandu", "1985-12-31T23:59:59", "1985-12-31T18:29:59Z")]
    [InlineData("Asia/Kathmandu", "1986-01-01T00:15:00", "1985-12-31T18:30:00Z")]
    public void Local_times_that_come_twice_are_the_first_and_those_left_out_are_later_by_the_gap(
        string zone, string local, string instant) =>
        Assert.Equal(Moment(instant), Read("local us", Moment(local), roundUp: true, zone));

    [Fact]
    public void Days_begin_at_midnight_there_or_when_the_clock_says_so_first()
    {
        Assert.Equal(Moment("2001-10-13T03:00:00Z"), Read("day", Day("2001-10-13"), roundUp: true, "America/Sao_Paulo"));
        Assert.Equal(Moment("2001-10-14T03:00:00Z"), Read("day", Day("2001-10-14"), roundUp: true, "America/Sao_Paulo"));
        Assert.Equal(Moment("2001-10-15T02:00:00Z"), Read("day", Day("2001-10-15"), roundUp: true, "America/Sao_Paulo"));
    }

    [Fact]
    public void Columns_of_instants_have_no_use_for_a_zone() =>
        Assert.Equal(5, Read("us", 5, roundUp: true, "America/New_York"));

    [Theory]
    [InlineData("s", long.MaxValue)]
    [InlineData("ms", long.MinValue)]
    [InlineData("us", TimeValues.Greatest + 1)]
    [InlineData("local us", TimeValues.Least - 1)]
    [InlineData("day", int.MaxValue)]
    public void Times_outside_of_the_years_1_to_9999_are_refused_by_name(string type, long value)
    {
        var refused = Assert.Throws<JoinException>(() => Read(type, value, roundUp: false, "Europe/Berlin"));

        Assert.Equal(JoinException.BadValue, refused.Code);
        Assert.Contains("'at'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_and_the_last_moment_are_taken()
    {
        Assert.Equal(TimeValues.Least, Read("us", TimeValues.Least, roundUp: false));
        Assert.Equal(TimeValues.Greatest, Read("us", TimeValues.Greatest, roundUp: true));
        Assert.Equal(TimeValues.Least, Read("local us", TimeValues.Least, roundUp: true, "Etc/UTC"));
    }

    [Fact]
    public void What_is_no_time_is_refused()
    {
        var schema = new Schema([new Field("at", StringType.Default, true), new Field("day", Date32Type.Default, true)], metadata: null);

        Assert.Equal(JoinException.BadColumns, Refused("at", null).Code);
        Assert.Equal(JoinException.BadColumns, Refused("when", null).Code);
        Assert.Equal(JoinException.BadRequest, Refused("day", "Mars/Olympus").Code);

        JoinException Refused(string column, string? zone) =>
            Assert.Throws<JoinException>(() => TimeValues.Of(schema, column, "the table", zone, roundUp: true));
    }

    private static long Read(string type, long value, bool roundUp, string? zone = null)
    {
        var schema = new Schema([new Field("at", s_types[type], nullable: true)], metadata: null);
        var into = new long[2];
        using var batch = new RecordBatch(schema, [JoinTables.Times([value, null], s_types[type])], 2);
        TimeValues.Of(schema, "at", "the table", zone, roundUp).Read(batch, into);
        Assert.Equal(long.MinValue, into[1]);
        return into[0];
    }

    private static long Moment(string text) =>
        (DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) - DateTimeOffset.UnixEpoch).Ticks
        / TimeSpan.TicksPerMicrosecond;

    private static long Day(string text) => Moment(text) / 86_400_000_000;
}
