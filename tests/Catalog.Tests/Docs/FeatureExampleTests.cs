using System.Text.Json;
using System.Text.Json.Serialization;
using Catalog.Cli.Features;
using Catalog.Features;
using Xunit;

namespace Catalog.Tests.Docs;

/// <summary>The views that docs/features.md shows are read as it says, in each of their forms.</summary>
public sealed class FeatureExampleTests
{
    private static readonly JsonSerializerOptions s_http = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    private static readonly string s_file = Repository.File("docs", "features", "flights.yaml");

    [Fact]
    public void The_file_that_is_shown_is_the_one_that_is_there() =>
        Assert.Equal(File.ReadAllText(s_file).ReplaceLineEndings("\n"), Assert.Single(Document.Load("docs/features.md").Blocks("yaml")));

    [Fact]
    public void The_file_says_what_the_document_says_over_HTTP()
    {
        var shown = JsonSerializer.Deserialize<PlanFeatures.Query>(Assert.Single(Document.Load("docs/features.md").Blocks("json")), s_http);

        var view = Assert.Single(shown?.Views ?? []);
        var read = FeatureFiles.Read([s_file]).Views[0];
        Assert.Equal(read.Definition, view.Definition);
        Assert.Equal(
            (read.Name.Namespace, read.Name.Name, read.Owner, read.Description),
            (view.Namespace, view.Name, view.Owner, view.Description));
        Assert.Equal(read.Tags, view.Tags);
    }
}
