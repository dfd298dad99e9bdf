using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Catalog.IntegrationTests.Serving;
using YamlDotNet.RepresentationModel;

namespace Catalog.IntegrationTests.Metrics;

/// <summary>What docs/operations says of metrics is what a server shows.</summary>
public sealed partial class OperationsFilesTests(ServerFixture shared, MeasuredServer server)
{
    /// <summary>What Prometheus itself, or whoever is asked, puts beside the labels of a metric.</summary>
    private static readonly string[] s_outside = ["job", "instance", "le"];

    public static TheoryData<string> Files => ["alerts.yaml", "dashboard.json", "scaling.yaml"];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Every_metric_and_label_that_is_asked_for_is_there(string file)
    {
        var labels = LabelsOf(await server.ScrapeAsync());
        var asked = Expressions(file).SelectMany(e => Metric().Matches(e)).ToList();

        Assert.NotEmpty(asked);
        Assert.All(asked, m => Assert.Contains(m.Groups["name"].Value, labels.Keys));
        Assert.Empty(
            from metric in asked
            from label in Matcher().Matches(metric.Groups["labels"].Value)
            let name = label.Groups["label"].Value
            where !s_outside.Contains(name) && !labels[metric.Groups["name"].Value].Contains(name)
            select $"{metric.Value} has no label {name}");
    }

    [Fact]
    public async Task Every_instrument_has_a_row_in_the_table_with_its_unit_labels_and_name_in_Prometheus()
    {
        await shared.ApiAsync();
        var labels = LabelsOf(await server.ScrapeAsync());
        var rows = Rows();

        Assert.Equal(
            Instruments().OrderBy(i => i.Key, StringComparer.Ordinal), rows.ToDictionary(r => r.Name, r => r.Unit).OrderBy(
                i => i.Key, StringComparer.Ordinal));
        Assert.All(rows, row => Assert.Equal(
            (row.Prometheus, string.Join(' ', row.Labels.Order(StringComparer.Ordinal))),
            (row.Prometheus, string.Join(' ', WholeName(row.Prometheus).Order(StringComparer.Ordinal)))));

        IEnumerable<string> WholeName(string name) =>
            (labels.GetValueOrDefault(name) ?? labels.GetValueOrDefault(name + "_count") ?? ["is not there"]).Except(s_outside);
    }

    [Fact]
    public void Every_alert_says_how_bad_it_is_what_it_is_and_what_to_do()
    {
        var rules = Nodes(Load("alerts.yaml")).OfType<YamlMappingNode>().Where(n => n.Children.ContainsKey("expr")).ToList();
        var recorded = rules.Where(r => r.Children.ContainsKey("record")).Select(r => r["record"].ToString()).ToHashSet();

        Assert.Equal(5, recorded.Count);
        Assert.All(
            rules.SelectMany(rule => Recorded().Matches(rule["expr"].ToString())), name => Assert.Contains(name.Value, recorded));
        var alerts = rules.Where(r => r.Children.ContainsKey("alert")).ToList();
        Assert.True(alerts.Count > 8, $"there are {alerts.Count} alerts");
        Assert.All(alerts, alert =>
        {
            Assert.Contains(alert["labels"]["severity"].ToString(), (string[])["page", "ticket"]);
            Assert.NotEmpty(alert["annotations"]["summary"].ToString());
            Assert.NotEmpty(alert["annotations"]["description"].ToString());
        });
    }

    /// <summary>Units by name, of a server that runs in this process.</summary>
    private static Dictionary<string, string> Instruments()
    {
        var units = new Dictionary<string, string>(StringComparer.Ordinal);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == "Catalog.Serving")
                units[instrument.Name] = instrument.Unit ?? "";
        };
        listener.Start();
        return units;
    }

    private static IReadOnlyList<(string Name, string Prometheus, string Unit, IReadOnlyList<string> Labels)> Rows() =>
    [
        .. File.ReadAllLines(PathOf("README.md")).Where(line => line.StartsWith("| `catalog.", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => (Code(cells[1])[0], Code(cells[2])[0], Code(cells[3]).FirstOrDefault() ?? "", Code(cells[4]))),
    ];

    private static IReadOnlyList<string> Code(string cell) => [.. InCode().Matches(cell).Select(m => m.Groups["code"].Value)];

    /// <summary>By name of a sample, all labels that samples of it have.</summary>
    private static Dictionary<string, HashSet<string>> LabelsOf(Scraped seen) => seen.Samples
        .GroupBy(s => s.Name, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => g.SelectMany(s => s.Labels.Keys).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);

    /// <summary>What a file asks Prometheus for.</summary>
    private static IReadOnlyList<string> Expressions(string file) => file.EndsWith(".json", StringComparison.Ordinal)
        ? [.. Strings(JsonDocument.Parse(File.ReadAllText(PathOf(file))).RootElement)]
        : [.. Nodes(Load(file)).OfType<YamlScalarNode>().Select(n => n.Value ?? "")];

    private static IEnumerable<string> Strings(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(m => Strings(m.Value)),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(Strings),
        JsonValueKind.String => [json.GetString() ?? ""],
        _ => [],
    };

    private static IEnumerable<YamlNode> Nodes(YamlStream yaml) => yaml.Documents.SelectMany(d => d.AllNodes);

    private static YamlStream Load(string file)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(File.ReadAllText(PathOf(file))));
        return yaml;
    }

    private static string PathOf(string file) => Path.Combine(Repository.Root, "docs", "operations", file);

    /// <summary>A metric, and what is demanded of its labels.</summary>
    [GeneratedRegex(
        @"\b(?<name>(catalog_serving|catalog_access|http_server|dotnet|db_client)_\w+)(\{(?<labels>[^}]*)\})?",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Metric();

    [GeneratedRegex("""(?<label>\w+)\s*(=~|!~|!=|=)\s*"[^"]*""", RegexOptions.ExplicitCapture)]
    private static partial Regex Matcher();

    [GeneratedRegex(@"\bcatalog:[\w:]+")]
    private static partial Regex Recorded();

    [GeneratedRegex("`(?<code>[^`]+)`")]
    private static partial Regex InCode();
}
