using Catalog.Cli.Features;
using Catalog.Features;
using Catalog.Features.Training;
using Catalog.Sdk;
using Catalog.Tests.Storage;
using Xunit;

namespace Catalog.Tests.Docs;

/// <summary>The training sets that docs/training-sets.md shows are read as it says.</summary>
public sealed class TrainingSetExampleTests
{
    private static readonly string s_file = Repository.File("docs", "training-sets", "delays.yaml");

    private static IReadOnlyList<string> Shown => [.. Document.Load("docs/training-sets.md").Blocks("yaml")];

    [Fact]
    public void The_file_that_is_shown_is_the_one_that_is_there() =>
        Assert.Equal(File.ReadAllText(s_file).ReplaceLineEndings("\n"), Shown[0]);

    [Fact]
    public void The_file_says_what_it_seems_to_say()
    {
        var (name, spec) = TrainingSetFile.Read(s_file);

        Assert.Equal(new QualifiedName("lab", "delays"), name);
        Assert.Equal(NodeId.Dataset("lab", "flights"), spec.Rows.Dataset);
        Assert.Equal(("date", "America/Chicago"), (spec.Rows.EventTime, spec.Rows.TimeZone));
        Assert.Equal(["destination", "back"], (spec.Views ?? []).Select(v => v.As));
        Assert.Equal(["minutes_late"], spec.Views?[1].Features);
        Assert.Equal((SplitBy.Time, TimeSpan.FromDays(1)), (spec.Splits?.By, spec.Splits?.Gap));
        Assert.Equal(
            [DateTimeOffset.Parse("2001-02-01T00:00:00Z"), DateTimeOffset.Parse("2001-02-15T00:00:00Z"), null],
            spec.Splits?.Parts.Select(p => p.Until));
    }

    [Fact]
    public void Views_and_keys_are_those_of_the_views_that_it_is_over()
    {
        var views = FeatureFiles.Read([Repository.File("docs", "features", "flights.yaml")]).Views
            .ToDictionary(v => v.Name.ToString(), v => v.Definition);

        foreach (var joined in TrainingSetFile.Read(s_file).Spec.Views ?? [])
        {
            var view = views[$"{joined.View.Namespace}/{joined.View.Name}"];
            Assert.Equal(view.Keys().Select(k => k.Name).Order(), (joined.Keys ?? new Dictionary<string, string>()).Keys.Order());
            Assert.Subset(view.Features.Select(f => f.Name).ToHashSet(), (joined.Features ?? []).ToHashSet());
        }
    }

    [Fact]
    public void Splits_by_hash_are_read_as_they_are_shown()
    {
        using var folder = new TempFolder();
        var whole = File.ReadAllText(s_file).ReplaceLineEndings("\n");
        var file = folder.Write("hash.yaml", whole[..whole.IndexOf("splits:", StringComparison.Ordinal)] + Shown[1]);

        var splits = TrainingSetFile.Read(file).Spec.Splits;

        Assert.Equal((SplitBy.Hash, 7L), (splits?.By, splits?.Seed));
        Assert.Equal(["customer"], splits?.Columns);
        Assert.Equal(["household"], splits?.Disjoint);
        Assert.Equal([0.8m, 0.2m], splits?.Parts.Select(p => p.Share));
    }
}
