using System.Globalization;
using Catalog.Features.Training;
using Catalog.Sdk;
using YamlDotNet.RepresentationModel;

namespace Catalog.Cli.Features;

/// <summary>A training set as a YAML file has it: one document.</summary>
internal sealed class TrainingSetFile
{
    private readonly YamlFile _file;
    private readonly YamlFields _set;

    private TrainingSetFile(YamlFile file, YamlNode document)
    {
        _file = file;
        _set = new YamlFields(
            file, document, "a training set", "trainingSet", "rows", "views", "knownAt", "splits", "owner", "description", "message");
    }

    /// <exception cref="CatalogException">The file is not there, cannot be read, or is not as it is to be.</exception>
    public static (QualifiedName Name, TrainingSetSpec Spec) Read(string path)
    {
        if (!File.Exists(path))
            throw new CatalogException(status: null, "client.file_not_found", $"There is no file '{path}'.");
        var file = YamlFile.OfFeatures(path);
        var documents = YamlFiles.Documents(file);
        return documents is [var document]
            ? new TrainingSetFile(file, document).Read()
            : throw FileMistakes.At(new FilePlace(file, 1), $"a training set is one document; here are {documents.Count}.");
    }

    private (QualifiedName Name, TrainingSetSpec Spec) Read()
    {
        var name = Node(_set.Needed("trainingSet", "a training set"), "trainingSet", NodeKind.Dataset, _set);
        return (new QualifiedName(name.Namespace, name.Name), new TrainingSetSpec(
            Rows(), Views(), _set.Has("knownAt", out _) ? Moment(_set, "knownAt") : null, Splits(), _set.Text("owner"),
            _set.Text("description"), _set.Text("message")));
    }

    private TrainingRows Rows()
    {
        if (!_set.Has("rows", out var node))
            throw FileMistakes.At(_set.Place, "a training set needs 'rows': the table whose rows get features.");
        var rows = new YamlFields(_file, node, "'rows'", "dataset", "eventTime", "timeZone", "columns", "filter");
        return new TrainingRows(
            Node(rows.Needed("dataset", "'rows'"), "dataset", NodeKind.Dataset, rows), rows.Needed("eventTime", "'rows'"),
            rows.Text("timeZone"), rows.Texts("columns"), rows.Text("filter"));
    }

    private IReadOnlyList<TrainingView>? Views()
    {
        if (!_set.Has("views", out var node))
            return null;
        var list = node as YamlSequenceNode ?? throw _set.Mistake(node, "'views' is to be a list: one view after the other, in order.");
        return [.. list.Select(View)];
    }

    private TrainingView View(YamlNode node)
    {
        var view = new YamlFields(_file, node, "a view that is joined", "view", "as", "keys", "features", "source");
        var keys = view.Has("keys", out var named)
            ? new YamlFields(_file, named, "'keys'").Members()
                .ToDictionary(m => m.Name, m => view.TextOf(m.Value, m.Name), StringComparer.Ordinal)
            : null;
        return new TrainingView(
            Node(view.Needed("view", "a view that is joined"), "view", NodeKind.FeatureView, view), view.Text("as"), keys,
            view.Texts("features"), view.Text("source") is { } source ? Node(source, "source", NodeKind.Dataset, view) : null);
    }

    private SplitRule? Splits()
    {
        if (!_set.Has("splits", out var node))
            return null;
        var splits = new YamlFields(_file, node, "'splits'", "by", "parts", "columns", "seed", "gap", "disjoint");
        var by = splits.Needed("by", "'splits'") switch
        {
            "hash" => SplitBy.Hash,
            "time" => SplitBy.Time,
            var other => throw splits.Mistake(node, $"'by' is 'hash' or 'time', not '{other}'."),
        };
        if (!splits.Has("parts", out var parts) || parts is not YamlSequenceNode list)
            throw splits.Mistake(node, "'splits' needs 'parts': a list of them, each with a name.");
        var rule = new SplitRule(
            by, [.. list.Select(Part)], splits.Texts("columns"),
            splits.Text("seed") is { } seed ? Number<long>(seed, "seed", splits, node) : 0,
            splits.Text("gap") is { } gap ? SpanText.Find(gap) ?? throw splits.Mistake(node, $"'gap' is to be {SpanText.Examples}.") : null,
            splits.Texts("disjoint"));
        return rule.Check() is var (field, wrong) ? throw splits.Mistake(node, $"'{field}' {wrong}") : rule;
    }

    private SplitPart Part(YamlNode node)
    {
        var part = new YamlFields(_file, node, "a part", "name", "share", "until");
        return new SplitPart(
            part.Needed("name", "a part"),
            part.Text("share") is { } share ? Number<decimal>(share, "share", part, node) : null,
            part.Has("until", out _) ? Moment(part, "until") : null);
    }

    private static T Number<T>(string text, string name, YamlFields fields, YamlNode at)
        where T : struct, System.Numerics.INumber<T> =>
        T.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw fields.Mistake(at, $"'{name}' is to be a number, not '{text}'.");

    private static DateTimeOffset Moment(YamlFields fields, string name) =>
        DateTimeOffset.TryParse(fields.Text(name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            ? moment
            : throw FileMistakes.At(fields.Place, $"'{name}' is to be a moment, such as 2001-02-01 or 2001-02-01T06:00:00Z.");

    /// <summary>As on the command line, the kind may be left out.</summary>
    private static NodeId Node(string text, string name, NodeKind kind, YamlFields fields)
    {
        var whole = text.StartsWith(NodeId.WordOf(kind) + ":", StringComparison.Ordinal) ? text : $"{NodeId.WordOf(kind)}:{text}";
        return NodeId.TryParse(whole, out var node, out var wrong) ? node : throw FileMistakes.At(fields.Place, $"'{name}': {wrong}");
    }
}
