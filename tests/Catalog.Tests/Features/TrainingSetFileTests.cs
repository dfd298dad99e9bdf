using Catalog.Cli.Features;
using Catalog.Features.Training;
using Catalog.Sdk;
using Catalog.Tests.Storage;
using Xunit;

namespace Catalog.Tests.Features;

/// <summary>Training sets as files have them: what is read, and how mistakes are told.</summary>
public sealed class TrainingSetFileTests : IDisposable
{
    private const string Whole =
        """
        trainingSet: demo/set
        knownAt: 2001-02-01T06:00:00+01:00
        message: again
        rows:
          dataset: demo/flights@3
          eventTime: left
        views:
          - { view: demo/delays@2, source: demo/landings@gold }
          - { view: "feature-view:s3%3A%2F%2Flake/v", as: other, keys: { airport: origin }, features: delay }
        splits:
          by: hash
          columns: [id]
          seed: -3
          parts:
            - { name: train, share: 0.75 }
            - { name: test, share: 0.25 }
        """;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_is_read_as_it_says()
    {
        var (name, spec) = TrainingSetFile.Read(_folder.Write("a.yaml", Whole));

        Assert.Equal(new QualifiedName("demo", "set"), name);
        Assert.Equal((NodeId.Dataset("demo", "flights", 3), "left"), (spec.Rows.Dataset, spec.Rows.EventTime));
        Assert.Equal(DateTimeOffset.Parse("2001-02-01T05:00:00Z"), spec.KnownAt);
        Assert.Equal("again", spec.Message);
        Assert.Equal(
            [NodeId.FeatureView("demo", "delays", "2"), NodeId.FeatureView("s3://lake", "v")], (spec.Views ?? []).Select(v => v.View));
        Assert.Equal("gold", spec.Views?[0].Source?.Version);
        Assert.Equal(("other", "origin"), (spec.Views?[1].As, spec.Views?[1].Keys?["airport"]));
        Assert.Equal(["delay"], spec.Views?[1].Features);
        Assert.Equal((SplitBy.Hash, -3L), (spec.Splits?.By, spec.Splits?.Seed));
    }

    [Theory]
    [InlineData("message: again", "mesage: again", 3, "there is no 'mesage' in a training set; did you mean 'message'?")]
    [InlineData("trainingSet: demo/set", "owner: me", 1, "a training set needs 'trainingSet'")]
    [InlineData("trainingSet: demo/set", "trainingSet: set", 1, "'trainingSet':")]
    [InlineData("2001-02-01T06:00:00+01:00", "yesterday", 1, "'knownAt' is to be a moment, such as 2001-02-01")]
    [InlineData("eventTime: left", "filter: a > 1", 5, "'rows' needs 'eventTime'")]
    [InlineData("source: demo/", "surce: demo/", 8, "there is no 'surce' in a view that is joined; did you mean 'source'?")]
    [InlineData("keys: { airport: origin }", "keys: [airport]", 9, "'keys' is to be a mapping")]
    [InlineData("by: hash", "by: chance", 11, "'by' is 'hash' or 'time', not 'chance'")]
    [InlineData("seed: -3", "seed: three", 11, "'seed' is to be a number, not 'three'")]
    [InlineData("share: 0.75", "share: most", 15, "'share' is to be a number, not 'most'")]
    [InlineData("share: 0.75", "share: 0.7", 11, "must have shares that are 1 together, not 0.95")]
    [InlineData("seed: -3", "gap: long", 11, "'gap' is to be")]
    [InlineData("rows:\n", "rows: [\n", 0, "this is no YAML")]
    [InlineData("message: again", "---", 1, "a training set is one document; here are 2")]
    public void A_mistake_is_told_with_file_and_line(string right, string wrong, int line, string says)
    {
        var file = _folder.Write("a.yaml", Whole.ReplaceLineEndings("\n").Replace(right, wrong, StringComparison.Ordinal));

        var mistake = Assert.Throws<CatalogException>(() => TrainingSetFile.Read(file));

        Assert.Equal("client.feature_file_invalid", mistake.Code);
        Assert.Contains(says, mistake.Detail, StringComparison.Ordinal);
        Assert.StartsWith(line > 0 ? $"{file}:{line}: " : $"{file}:", mistake.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_told() =>
        Assert.Equal(
            "client.file_not_found", Assert.Throws<CatalogException>(() => TrainingSetFile.Read(_folder.Join("none.yaml"))).Code);
}
