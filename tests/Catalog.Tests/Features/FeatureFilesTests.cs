using Catalog.Cli.Features;
using Catalog.Features;
using Catalog.Sdk;
using Catalog.Tests.Storage;
using Xunit;

namespace Catalog.Tests.Features;

public sealed class FeatureFilesTests : IDisposable
{
    private const string Whole =
        """
        namespace: demo
        owner: team-flights
        entities:
          airport: { keys: { airport: string } }
          day: { keys: { day: date } }
        views:
          origin_delays:
            entity: airport
            source: { dataset: demo/flights, eventTime: landed, createdTime: at, timeZone: Etc/UTC, ties: first, keys: { airport: origin } }
            tags: [flights, "tier:gold"]
            description: How late an airport has been of late.
            features:
              delay_mean_7d: { from: delay, aggregate: mean, window: 7d }
              flights_1d: { aggregate: count, window: 36h }
          carriers:
            entities: [airport, day]
            owner: team-carriers
            source: { dataset: "dataset:s3%3A%2F%2Flake/flights", eventTime: landed }
            ttl: 90m
            features:
              carrier: string
              late: { type: float64, from: delay }
        """;

    private const string Services =
        """
        services:
          live: {
            description: Served., tags: [gold],
            views: [origin_delays, {view: other/last_flight@2, features: [a, b]}],
            latency: 5ms,
            availability: 0.999 }
          plain:
            owner: me
            views: carriers
        """;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_is_read_as_it_says()
    {
        var views = FeatureFiles.Read([Write("a.yaml", Whole)]).Views;

        var (delays, carriers) = (views[0], views[1]);
        Assert.Equal((new QualifiedName("demo", "origin_delays"), "team-flights"), (delays.Name, delays.Owner));
        Assert.Equal(["flights", "tier:gold"], delays.Tags);
        Assert.Equal(
            new FeatureDefinition(
                [new("airport", [new("airport", "string", "origin")])],
                new(NodeId.Dataset("demo", "flights"), "landed", "at", "Etc/UTC", TieRule.First),
                [
                    new("delay_mean_7d", "float64", "delay", new(AggregateFunction.Mean, TimeSpan.FromDays(7))),
                    new("flights_1d", "int64", Column: null, new(AggregateFunction.Count, TimeSpan.FromHours(36))),
                ]),
            delays.Definition);
        Assert.Equal("team-carriers", carriers.Owner);
        Assert.Null(carriers.Tags);
        Assert.Equal(
            new FeatureDefinition(
                [new("airport", [new("airport", "string", "airport")]), new("day", [new("day", "date", "day")])],
                new(NodeId.Dataset("s3://lake", "flights"), "landed"),
                [new("carrier", "string", "carrier"), new("late", "float64", "delay")],
                TimeSpan.FromMinutes(90)),
            carriers.Definition);
    }

    [Fact]
    public void Services_stand_beside_views_and_name_them_shortly()
    {
        var specs = FeatureFiles.Read([Write("a.yaml", $"{Whole}\n{Services}")]);

        Assert.Equal(2, specs.Views.Count);
        var (live, other) = (specs.Services[0], specs.Services[1]);
        Assert.Equal((new QualifiedName("demo", "live"), "team-flights", "Served."), (live.Name, live.Owner, live.Description));
        Assert.Equal(["gold"], live.Tags);
        Assert.Equal(
            new FeatureServiceDefinition(
                [
                    new(NodeId.FeatureView("demo", "origin_delays")),
                    new(NodeId.FeatureView("other", "last_flight", "2"), ["a", "b"]),
                ],
                TimeSpan.FromMilliseconds(5),
                0.999),
            live.Definition);
        Assert.Equal("me", other.Owner);
        Assert.Equal(new FeatureServiceDefinition([new(NodeId.FeatureView("demo", "carriers"))]), other.Definition);
        Assert.Empty(FeatureFiles.Read([Write("b.yaml", $"namespace: demo\nowner: me\n{Services}")]).Views);
    }

    [Theory]
    [InlineData("latency: 5ms", "latencey: 5ms", 27, "there is no 'latencey' in the service 'live'; did you mean 'latency'?")]
    [InlineData("latency: 5ms", "latency: soon", 27, "'latency' is to be a length of time, such as 7d")]
    [InlineData("latency: 5ms", "latency: 0s", 27, "latencyTarget must be more than nothing")]
    [InlineData("availability: 0.999", "availability: 99.9%", 28, "'availability' is to be a number, such as 0.999.")]
    [InlineData("availability: 0.999", "availability: 2", 28, "availability must be more than 0 and less than 1")]
    [InlineData("[origin_delays,", "[origin_delays, origin_delays@2,", 26, "views[1].view must be another than")]
    [InlineData("view: other/last_flight@2", "view: 'dataset:other/x'", 26, "'dataset:other/x' is to be a view, such as delays")]
    public void A_mistake_in_a_service_is_told_with_file_and_line(string right, string wrong, int line, string says)
    {
        var text = $"{Whole}\n{Services}".Replace(right, wrong, StringComparison.Ordinal);

        var mistake = Assert.Throws<CatalogException>(() => FeatureFiles.Read([Write("a.yaml", text)]));
        Assert.Contains(says, mistake.Detail, StringComparison.Ordinal);
        Assert.Contains($"a.yaml:{line}: ", mistake.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("serve: [redis, offline]", null)]
    [InlineData("serve: memory", null)]
    [InlineData("serve: [disk]", "'serve' of 'carriers' must be of memory, redis, offline, not 'disk'.")]
    [InlineData("serve: [memory, memory]", "must name each tier once")]
    [InlineData("serve: []", "must name a tier at least")]
    public void A_view_says_from_where_it_is_served(string serve, string? wrong)
    {
        var file = Write("a.yaml", Whole.Replace("ttl: 90m", serve, StringComparison.Ordinal));

        if (wrong is null)
            Assert.Equal(serve.Contains("redis", StringComparison.Ordinal) ? ["redis", "offline"] : ["memory"], Read(file));
        else
            Assert.Contains(wrong, Refused(file), StringComparison.Ordinal);

        static IReadOnlyList<string>? Read(string file) => FeatureFiles.Read([file]).Views[1].Tiers;
    }

    [Fact]
    public void Entities_of_one_file_are_meant_in_another_and_folders_are_read_whole()
    {
        Write(
            "b/views.yml",
            """
            namespace: demo
            views: {v: {owner: me, entity: user, source: {dataset: demo/d, eventTime: t}, features: {a: int64}}}
            """);
        Write(
            "a/entities.yaml",
            """
            namespace: demo
            entities: {user: {keys: {id: int64}}}
            ---
            namespace: other
            entities: {user: {keys: {id: uuid}}}
            """);
        Write("a/notes.txt", "not read");

        var view = Assert.Single(FeatureFiles.Read([_folder.Path]).Views);

        Assert.Equal("int64", view.Definition.Entities[0].Keys[0].Type);
    }

    [Theory]
    [InlineData(
        "aggregate: mean", "agregate: mean", 13,
        "there is no 'agregate' in the feature 'delay_mean_7d'; did you mean 'aggregate'?")]
    [InlineData(
        "owner: team-flights", "color: blue", 2,
        "there is no 'color' in a document of feature views; it has namespace, owner, entities, views,"
        + " services.")]
    [InlineData("entity: airport\n", "entity: airprot\n", 8, "which no file describes under 'entities'; did you mean 'airport'?")]
    [InlineData(
        "keys: { airport: origin }", "keys: { airpot: origin }", 9,
        "no entity of 'origin_delays' has a key 'airpot'; did you mean 'airport'?")]
    [InlineData("window: 7d", "window: a week", 13, "'window' is to be a length of time, such as 7d, 36h")]
    [InlineData("aggregate: mean", "aggregate: median", 13, "is to be one of count, sum, mean, min, max, last, not 'median'")]
    [InlineData("aggregate: mean, window: 7d", "window: 7d", 13, "'delay_mean_7d' has a 'window' and no 'aggregate'")]
    [InlineData("aggregate: mean, window: 7d", "aggregate: mean", 13, "'delay_mean_7d' is a mean and needs a 'window'")]
    [InlineData("carrier: string", "carrier: text", 21, "features[0].type of 'carrier' is unknown")]
    [InlineData("ttl: 90m", "ttl: 0s", 19, "timeToLive must be more than nothing")]
    [InlineData("from: delay, aggregate: mean", "aggregate: mean", 13, "must name the source's column that 'delay_mean_7d' is made of")]
    [InlineData("dataset: demo/flights", "dataset: flights", 9, "'dataset' is to be a dataset, such as demo/flights")]
    [InlineData("ties: first", "ties: any", 9, "'ties' is to be last or first, not 'any'")]
    [InlineData("eventTime: landed, createdTime", "createdTime", 9, "the source of 'origin_delays' needs 'eventTime'")]
    [InlineData("Etc/UTC", "Chicago", 9, "IANA time zone database")]
    [InlineData("tags: [flights", "tags: [[flights]", 10, "'tags' is to be one text")]
    [InlineData("namespace: demo", "namespace:", 1, "a document of feature views needs 'namespace'")]
    [InlineData("features:\n      delay_mean_7d", "features: [\n      delay_mean_7d", 0, "this is no YAML")]
    public void A_mistake_is_told_with_file_and_line(string right, string wrong, int line, string says)
    {
        var file = Write("a.yaml", Whole.ReplaceLineEndings("\n").Replace(right, wrong, StringComparison.Ordinal));

        var mistake = Assert.Throws<CatalogException>(() => FeatureFiles.Read([file]));

        Assert.Equal("client.feature_file_invalid", mistake.Code);
        Assert.Contains(says, mistake.Detail, StringComparison.Ordinal);
        Assert.StartsWith(line > 0 ? $"{file}:{line}: " : $"{file}:", mistake.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_of_definitions_are_told_at_once()
    {
        var text = Whole.Replace("36h", "0h", StringComparison.Ordinal)
            .Replace("carrier: string", "carrier: text", StringComparison.Ordinal);
        var file = Write("a.yaml", text);

        var mistake = Assert.Throws<CatalogException>(() => FeatureFiles.Read([file]));

        Assert.Equal([$"{file}:14", $"{file}:21"], mistake.Errors.Keys);
    }

    [Fact]
    public void A_view_or_an_entity_that_is_there_twice_is_told_with_both_places()
    {
        var other = Whole.Replace("airport: string", "airport: int64", StringComparison.Ordinal);
        var (one, two) = (Write("a.yaml", Whole), Write("b.yaml", other));

        Assert.Contains($"{two}:4: the entity 'airport' has other keys at {one}:4", Refused(one, two), StringComparison.Ordinal);
        Assert.Contains($"is described at {one}:8 already", Refused(one, Write("c.yaml", Whole)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_there_or_empty_is_refused()
    {
        Assert.Contains("There is no file or folder", Refused(Path.Combine(_folder.Path, "none.yaml")), StringComparison.Ordinal);
        Assert.Contains("There are no .yaml or .yml files", Refused(_folder.Path), StringComparison.Ordinal);
        Assert.Contains("names no feature view", Refused(Write("a.yaml", "namespace: demo\n")), StringComparison.Ordinal);
    }

    private static string Refused(params string[] paths) => Assert.Throws<CatalogException>(() => FeatureFiles.Read(paths)).Detail;

    private string Write(string name, string text) => _folder.Write(name, text);
}
