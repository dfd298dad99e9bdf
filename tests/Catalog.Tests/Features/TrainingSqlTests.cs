using System.Globalization;
using Apache.Arrow.Types;
using Catalog.Features.Training;
using Catalog.Schemas;
using Catalog.Storage.Columnar;
using Catalog.Tests.Storage;
using Catalog.TrainingSets;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Features;

/// <summary>Training sets as they are made here, beside what DuckDB makes by the SQL: the same rows, in the same order and types.</summary>
public sealed class TrainingSqlTests
{
    private const long QuarterOfAnHour = 900_000_000;
    private static readonly NodeId s_rows = NodeId.Dataset("t", "rows", 1);
    private static readonly NodeId s_events = NodeId.Dataset("t", "events", 1);

    private static readonly string?[] s_filters =
    [
        null, "code >= 1 and \"text\" != 'it''s' and n is not null", "name in ('a', 'ä', '✈ 日本')", "n is null",
        "at > '1970-01-01T00:00:00.000003Z' and amount < 1.5e0", "\"created\" is not null and n != -3 and code in (0, 2)",
    ];

    private static readonly SplitRule?[] s_splits =
    [
        null,
        new(SplitBy.Hash, [new("train", 0.6m), new("validation", 0.2m), new("test", 0.2m)], ["name", "code"], Seed: -7),
        new(SplitBy.Hash, [new("a", 0.5m), new("b", 0.5m)], ["text"]),
        new(SplitBy.Time, [new("past", Until: At(4)), new("near", Until: At(8)), new("it's later")], Gap: TimeSpan.FromMicroseconds(2)),
        new(SplitBy.Time, [new("past", Until: At(6)), new("later")]),
    ];

    [Fact]
    public Task Rows_are_those_of_the_SQL() =>
        Gen.Select(JoinCase.Any, One(s_filters), One(s_splits), One<string[]?>(null, ["text"], ["n", "name", "n"]))
            .SampleAsync(
                (join, filter, splits, columns) => CompareAsync(new(join, new(TimeUnit.Microsecond, "UTC"), null, filter, splits, columns)),
                iter: 40);

    [Theory]
    [InlineData("America/New_York", "2001-04-01T02:30:00Z")]
    [InlineData("America/New_York", "2001-10-28T01:30:00Z")]
    [InlineData("Europe/Berlin", "2001-03-25T02:30:00Z")]
    [InlineData("Europe/Berlin", "2001-10-28T02:30:00Z")]
    [InlineData("Australia/Lord_Howe", "2001-03-25T01:45:00Z")]
    [InlineData("Asia/Kathmandu", "1986-01-01T00:00:00Z")]
    public Task Local_times_are_those_of_the_SQL_when_clocks_are_set(string zone, string around)
    {
        var center = Microseconds(around);
        var times = Gen.Select(Gen.Long[-16, 16], Gen.Long[-1, 1], (quarters, us) => center + (quarters * QuarterOfAnHour) + us);
        return JoinCase.Of(times, times, zone, QuarterOfAnHour)
            .SampleAsync(join => CompareAsync(new(join, new(TimeUnit.Microsecond, (string?)null), zone)), iter: 10);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Asia/Kolkata")]
    public Task Nanoseconds_are_rounded_as_in_the_SQL(string? zone)
    {
        var center = zone is null ? 0 : Microseconds("2001-03-25T02:30:00Z") * 1_000;
        var times = Gen.Long[-4_100, 4_100].Select(t => center + t);
        return JoinCase.Of(times, times.Select(t => t / 1_000), zone, scale: 1)
            .SampleAsync(join => CompareAsync(new(join, new(TimeUnit.Nanosecond, (string?)null), zone)), iter: 10);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Europe/Berlin")]
    [InlineData("America/Sao_Paulo")]
    public Task Days_are_those_of_the_SQL(string? zone)
    {
        var times = Gen.Long[11_241, 11_249];
        return JoinCase.Of(times, times.Select(t => t * 86_400_000_000), zone, 86_400_000_000)
            .SampleAsync(join => CompareAsync(new(join, Time: null, zone)), iter: 5);
    }

    /// <param name="Time">Type of the columns of times; null for days.</param>
    private sealed record SqlCase(
        JoinCase Join, TimestampType? Time, string? Zone, string? Filter = null, SplitRule? Splits = null, string[]? Columns = null)
    {
        public IArrowType Type => (IArrowType?)Time ?? Date32Type.Default;

        public string TypeText => Time switch
        {
            null => "date",
            { Unit: TimeUnit.Nanosecond } => "timestamp(ns)",
            _ => Time.Timezone is null ? "timestamp(us)" : "timestamp(us,UTC)",
        };

        public TrainingRecipe Recipe => new(
            TrainingRecipe.CurrentFormat,
            new(s_rows, "", "at", Zone, Columns, Filter),
            Join.View.IsAggregated() ? [View("v")] : [View("v"), View("w")],
            Join.KnownAt is { } known ? At(known) : null,
            Splits, "", "", "");

        private RecipeView View(string name) => new(
            NodeId.FeatureView("t", name, "1"), "", Join.View, name,
            Join.View.Keys().ToDictionary(k => k.Name, k => k.Column),
            [.. Join.View.Features.Select(f => new RecipeFeature(f.Name, $"{name}__{f.Name}"))], s_events, "");
    }

    private static async Task CompareAsync(SqlCase c)
    {
        using var folder = TempFolder.InMemory();
        var rows = await WriteAsync(folder, "rows", c, c.Join.Rows, files: 2);
        var events = await WriteAsync(folder, "events", c, c.Join.Events, c.Join.Files);
        var schema = Schema(c.TypeText);
        var sql = TrainingSql.Of(c.Recipe, [new(s_rows, schema, rows), new(s_events, schema, events)], SqlDialect.DuckDb);
        using var duck = new DuckDb();

        var theirs = duck.Read(sql);

        foreach (var (part, path) in await MakeAsync(folder, c, rows, events))
        {
            var ours = duck.Read($"select * from read_parquet('{path}')");
            Assert.Equal(ours.Columns, theirs.Columns);
            Assert.Equal(
                ours.Rows.Select(r => string.Join('|', r)),
                theirs.Rows.Where(r => c.Splits is null || r[^1] == part).Select(r => string.Join('|', r)));
        }
    }

    private static async Task<IReadOnlyList<(string Part, string Path)>> MakeAsync(
        TempFolder folder, SqlCase c, IEnumerable<string> rows, IEnumerable<string> events)
    {
        ParquetSource[] sources = [.. events.Select(ParquetSource.File)];
        var open = await OpenRecipe.OpenAsync(
            c.Recipe, [.. rows.Select(ParquetSource.File)], [sources, sources], new(64 << 20, folder.Path), default,
            CancellationToken.None);
        Assert.True(open.Succeeded);
        var files = new TrainingFiles(open.Value);
        var paths = files.Parts.Select((_, i) => folder.Join($"part-{i}.parquet")).ToArray();
        var targets = paths.Select(path => File.Create(path)).ToArray();
        await files.WriteAsync(i => targets[i], progress: null, CancellationToken.None);
        foreach (var target in targets)
            await target.DisposeAsync();
        return [.. files.Parts.Zip(paths)];
    }

    private static async Task<IReadOnlyList<string>> WriteAsync(
        TempFolder folder, string name, SqlCase c, IReadOnlyList<Happening> happenings, int files)
    {
        var paths = new List<string>();
        foreach (var part in JoinTables.Cut(happenings, files))
        {
            paths.Add(folder.Join($"{name} {paths.Count} it's.parquet"));
            await using var file = File.Create(paths[^1]);
            await JoinTables.WriteAsync(
                file, JoinTables.SchemaOf(c.Type), part.Count == 0 ? [] : [JoinTables.Batch(part, c.Type)], c.Join.GroupRows);
        }

        return paths;
    }

    private static TableSchema Schema(string time) => new(
    [
        Column("name", "string"), Column("code", "int32"), Column("at", time), Column("created", time), Column("amount", "float64"),
        Column("n", "int64"), Column("text", "string"),
    ]);

    private static Column Column(string name, string type) => new(name, type, Nullable: true, Children: null);

    private static DateTimeOffset At(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    private static long Microseconds(string moment) =>
        (DateTimeOffset.Parse(moment, CultureInfo.InvariantCulture) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static Gen<T> One<T>(params T[] of) => Gen.Int[0, of.Length - 1].Select(i => of[i]);
}
