using System.Globalization;
using System.Text.RegularExpressions;

namespace Catalog.IntegrationTests.Metrics;

/// <summary>What <c>/metrics</c> answered, as Prometheus reads it.</summary>
internal sealed partial class Scraped(string text)
{
    /// <summary>Each sample: its name, its labels, and its value.</summary>
    public IReadOnlyList<(string Name, IReadOnlyDictionary<string, string> Labels, double Value)> Samples { get; } =
    [
        .. text.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => Sample().Match(line)).Select(m => (
            m.Groups["name"].Value,
            (IReadOnlyDictionary<string, string>)Label().Matches(m.Groups["labels"].Value)
                .ToDictionary(l => l.Groups["name"].Value, l => l.Groups["value"].Value, StringComparer.Ordinal),
            Number(m.Groups["value"].Value))),
    ];

    public override string ToString() => text;

    /// <summary>The sum of samples of a name that have these labels: <c>door=json</c>.</summary>
    public double Sum(string name, params IReadOnlyList<string> labels) => Of(name, labels).Sum();

    /// <summary>The one sample of a name that has these labels.</summary>
    public double One(string name, params IReadOnlyList<string> labels)
    {
        var found = Of(name, labels);
        return found.Count == 1
            ? found[0]
            : throw new InvalidOperationException($"{found.Count} samples of {name} {string.Join(' ', labels)}:\n{text}");
    }

    private List<double> Of(string name, IReadOnlyList<string> labels) =>
    [
        .. Samples.Where(s => s.Name == name && labels.All(l => l.Split('=', 2) is [var label, var value]
            && s.Labels.GetValueOrDefault(label) == value)).Select(s => s.Value),
    ];

    private static double Number(string value) => value switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(value, CultureInfo.InvariantCulture),
    };

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>.*)\})? (?<value>\S+)( \d+)?$""", RegexOptions.ExplicitCapture)]
    private static partial Regex Sample();

    [GeneratedRegex("""(?<name>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>([^"\\]|\\.)*)",?""", RegexOptions.ExplicitCapture)]
    private static partial Regex Label();
}
