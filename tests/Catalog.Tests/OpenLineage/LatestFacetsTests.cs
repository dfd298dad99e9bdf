using System.Text.Json;
using Catalog.Lineage.Known;
using Catalog.Lineage.Reported;
using Xunit;

namespace Catalog.Tests.OpenLineage;

/// <summary>The facets of a thing in a run, of the run's latest events.</summary>
public sealed class LatestFacetsTests
{
    private static readonly InRun s_asked = new(NodeId.Run("r"), NodeId.Job("demo", "load"), Role: null);

    [Theory]
    [InlineData(1, 2, 3)]
    [InlineData(3, 1, 2)]
    [InlineData(2, 3, 1)]
    public void The_latest_event_counts_in_whatever_order_they_are_read(params int[] ages)
    {
        var latest = new LatestFacets([s_asked]);
        foreach (var age in ages)
        {
            using var body = JsonDocument.Parse(
                $$$"""{"job":{"namespace":"demo","name":"load","facets":{"sql":{ "query": "{{{age}}}" },"only{{{age}}}":{ } } } }""");
            latest.Take(body.RootElement, [(s_asked, age)]);
        }

        var found = latest.Found[s_asked];

        Assert.Equal("1", found["sql"].GetProperty("query").GetString());
        Assert.Equal(["only1", "only2", "only3", "sql"], found.Keys);
    }
}
