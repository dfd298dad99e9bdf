using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Features;
using Catalog.Storage.Columnar;
using Catalog.Storage.Columnar.PointInTime;
using Xunit;

namespace Catalog.Tests.Features;

/// <summary>
/// The tables of Feast's universal tests and the rows that Feast expects, beside what we join. Features computed on demand from others are
/// computed here, as its tests do.
/// </summary>
public sealed class UniversalFeastTests
{
    private static readonly string s_folder = Path.Combine(Repository.Root, "..", "shared", "data", "feast", "pit_universal");

    [Theory]
    [InlineData("expected.csv", true, false)]
    [InlineData("expected_full.csv", true, true)]
    [InlineData("expected_nottl.csv", false, false)]
    [InlineData("expected_nottl_full.csv", false, true)]
    public async Task Rows_are_those_that_Feast_expects(string expected, bool hasTtl, bool hasFullNames)
    {
        Assert.SkipUnless(Directory.Exists(s_folder), "The shared data is not beside this checkout.");
        var rows = Csv.Read(Path.Combine(s_folder, "entity_df.csv"));
        var wanted = Csv.Read(Path.Combine(s_folder, expected));
        var views = new List<JoinedView>();
        foreach (var view in Views(hasTtl))
            views.Add(await view.OpenAsync(s_folder, hasFullNames));

        var table = rows.ToBatch();
        var join = await PointInTimeJoin.OpenAsync(
            table.Schema, "event_timestamp", timeZone: null, views, new() { BatchRows = 64 }, CancellationToken.None);
        var joined = new List<Dictionary<string, object?>>();
        await foreach (var batch in join.ReadAsync(new[] { table }.ToAsyncEnumerable()))
            joined.AddRange(Enumerable.Range(0, batch.Length).Select(i => Row(join.Schema, batch, i)));

        Assert.Equal(200, joined.Count);
        foreach (var (row, number) in joined.Select((r, i) => (r, i)))
            OnDemand(row, hasFullNames);
        var order = joined.OrderBy(r => Convert.ToInt64(r["order_id"], CultureInfo.InvariantCulture)).ToList();
        foreach (var want in wanted.Rows)
        {
            var row = Assert.Single(order, r => Text(r["order_id"]) == want[wanted.Place("order_id")]);
            foreach (var (name, place) in wanted.Names.Select((n, i) => (n, i)).Where(n => n.n != "event_timestamp"))
                AssertSame(name, want[place], row[name]);
        }
    }

    private static IEnumerable<FeastView> Views(bool hasTtl)
    {
        TimeSpan? week = hasTtl ? TimeSpan.FromDays(7) : null;
        yield return new("customer_profile", "customer_profile.csv", ["customer_id"], [], week,
            ["current_balance", "avg_passenger_count", "lifetime_trip_count"]);
        yield return new("driver_stats", "driver_hourly.csv", ["driver_id"], [], week, ["conv_rate", "avg_daily_trips"]);
        yield return new("order", "orders.csv", ["driver_id", "customer_id"], [], week, ["order_is_success"], HasCreated: false);
        foreach (var end in new[] { "origin", "destination" })
        {
            yield return new(
                end, "location_hourly.csv", ["location_id"], [("location_id", $"{end}_id")], week, ["temperature"], IsNamed: true);
        }

        yield return new("global_stats", "global_daily.csv", [], [], week, ["num_rides", "avg_ride_length"]);
        yield return new("field_mapping", "field_mapping.csv", [], [], week, ["column_name"]);
    }

    /// <summary>As Feast's tests compute them: in float32.</summary>
    private static void OnDemand(Dictionary<string, object?> row, bool hasFullNames)
    {
        var prefix = hasFullNames ? "conv_rate_plus_100__" : "";
        var rate = row[hasFullNames ? "driver_stats__conv_rate" : "conv_rate"] is double d ? (float?)d : null;
        row[$"{prefix}conv_rate_plus_100"] = rate + 100f;
        row[$"{prefix}conv_rate_plus_val_to_add"] = rate is { } r
            ? (double)r + Convert.ToInt64(row["val_to_add"], CultureInfo.InvariantCulture)
            : null;
        row[$"{prefix}conv_rate_plus_100_rounded"] = rate is { } x ? (long)MathF.Round(x + 100f) : null;
    }

    private static void AssertSame(string name, string expected, object? actual)
    {
        if (expected.Length == 0)
        {
            Assert.True(actual is null, $"{name} is {actual}, and Feast expects none.");
            return;
        }

        Assert.True(actual is not null, $"{name} is missing, and Feast expects {expected}.");
        var same = double.TryParse(expected, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? (float)number == Convert.ToSingle(actual, CultureInfo.InvariantCulture)
            : expected == Text(actual);
        Assert.True(same, $"{name} is {Text(actual)}, and Feast expects {expected}.");
    }

    private static Dictionary<string, object?> Row(Schema schema, RecordBatch batch, int row) =>
        schema.FieldsList.Select((f, i) => (f.Name, Column: batch.Column(i)))
            .ToDictionary(f => f.Name, f => f.Column is TimestampArray ? null : PointInTimeJoinTests.Value(f.Column, row));

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    private sealed record FeastView(
        string Name, string File, string[] Keys, (string Key, string Column)[] Mapped, TimeSpan? Ttl, string[] Columns,
        bool HasCreated = true, bool IsNamed = false)
    {
        public async Task<JoinedView> OpenAsync(string folder, bool hasFullNames)
        {
            var events = Csv.Read(Path.Combine(folder, File)).ToBatch();
            var definition = new FeatureDefinition(
                [.. Keys.Select(k => new Entity(k, [new(k, "int64", k)]))],
                new(NodeId.Dataset("feast", Name), "event_timestamp", HasCreated ? "created" : null, TimeZone: null, TieRule.Last),
                [.. Columns.Select(c => new Feature(
                    c == "column_name" ? "feature_name" : c, TypeOf(events.Schema.GetFieldByName(c).DataType), c, Aggregation: null))],
                Ttl);
            return new(
                Name, definition, [await JoinTables.FileAsync(File, events.Schema, [events])],
                Keys.ToDictionary(k => k, k => Mapped.FirstOrDefault(m => m.Key == k) is { Column: { } column } ? column : k),
                [.. definition.Features.Select(f => new JoinedFeature(f, hasFullNames || IsNamed ? $"{Name}__{f.Name}" : f.Name))]);
        }

        private static string TypeOf(IArrowType type) => type is DoubleType ? "float64" : "int64";
    }
}
