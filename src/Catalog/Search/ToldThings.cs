using Catalog.Lineage;
using Catalog.Lineage.OpenLineage;
using Catalog.Lineage.Reported;

namespace Catalog.Search;

/// <summary>Where the text of a facet stands; of a facet taken back, it stands nowhere.</summary>
/// <param name="Node">The thing.</param>
/// <param name="Facet"><c>ownership</c> or <c>documentation</c>.</param>
/// <param name="Role">What the thing was in the event.</param>
/// <param name="Hash">Of the event.</param>
/// <param name="Stamp">Of the event.</param>
/// <param name="Deleted">Taken back.</param>
internal sealed record ToldSource(NodeId Node, string Facet, string? Role, string Hash, byte[] Stamp, bool Deleted);

/// <summary>What some events say that can be searched, merged: one statement a thing, the latest of each.</summary>
internal sealed class ToldThings
{
    public const string Ownership = "ownership";
    public const string Documentation = "documentation";

    private readonly Dictionary<NodeId, Said> _said = [];

    /// <summary>Runs of others are many, and found by their id where they are (<see cref="SearchStatement"/>): here, tagged ones.</summary>
    public IEnumerable<NodeId> Nodes => _said.Where(s => s.Key.Kind is not NodeKind.Run || s.Value.Tags is not null).Select(s => s.Key);

    public void Add(OpenLineageReceived received)
    {
        var told = received.Event;
        var from = (received.Hash, Stamp: Stamp.Of(told.Time, Convert.FromHexString(received.Hash)));
        if (told.Run is { } run)
        {
            var said = Of(run.Node);
            said.Namespace = told.Job?.Node.Namespace ?? said.Namespace;
            AddTags(said, run.Tags, run.Facets, run.Deleted, from.Stamp);
            foreach (var other in new[] { run.Parent?.Job, run.Root?.Job }.OfType<NodeId>())
                Of(other);
        }

        if (told.Job is { } job)
        {
            AddTags(Of(job.Node), job.Tags, job.Facets, job.Deleted, from.Stamp);
            AddTexts(job.Node, role: null, job.Facets, job.Deleted, from);
        }

        foreach (var input in told.Inputs)
            AddDataset(input, "input", from);
        foreach (var output in told.Outputs)
            AddDataset(output, "output", from);
        if (told.Dataset is { } alone)
            AddDataset(alone, role: null, from);
    }

    /// <summary>Texts that say something newer than what is known.</summary>
    public IReadOnlyCollection<ToldSource> TextsNewerThan(IReadOnlyDictionary<NodeId, SearchEntry> known) =>
    [
        .. _said.Values.SelectMany(s => new[] { s.Owners, s.Description }).OfType<ToldSource>().Where(s =>
            known.GetValueOrDefault(s.Node) is not { } entry
            || IsLater(s.Stamp, (s.Facet == Ownership ? entry.ToldOwners : entry.ToldDescription)?.Stamp)),
    ];

    /// <summary>The entry with what was said of it, where it is newer.</summary>
    public SearchEntry On(SearchEntry entry, IReadOnlyDictionary<ToldSource, IReadOnlyList<string>> texts)
    {
        if (!_said.TryGetValue(entry.Node, out var said))
            return entry;
        return entry with
        {
            Namespace = entry.Namespace.Length > 0 ? entry.Namespace : said.Namespace,
            ToldColumns = Later(entry.ToldColumns, said.Columns),
            ToldTags = Later(entry.ToldTags, said.Tags),
            ToldOwners = Later(entry.ToldOwners, said.Owners, texts),
            ToldDescription = Later(entry.ToldDescription, said.Description, texts),
        };
    }

    private void AddDataset(OpenLineageDataset dataset, string? role, (string Hash, byte[] Stamp) from)
    {
        var said = Of(dataset.Node);
        if (dataset.Schema is { } schema)
            said.Columns = Later(said.Columns, new([.. Paths(schema, parent: "").Take(SearchEntry.MaxColumns)], from.Stamp));
        else if (dataset.Deleted.Contains("schema"))
            said.Columns = Later(said.Columns, new([], from.Stamp));
        AddTags(said, dataset.Tags, dataset.Facets, dataset.Deleted, from.Stamp);
        AddTexts(dataset.Node, role, dataset.Facets, dataset.Deleted, from);
        if (dataset.Change is { State: OpenLineageLifecycle.Rename, Previous: { } previous })
            Of(previous);
    }

    private void AddTexts(
        NodeId node, string? role, IReadOnlyList<string> facets, IReadOnlyList<string> deleted, (string Hash, byte[] Stamp) from)
    {
        var said = Of(node);
        said.Owners = Later(said.Owners, Source(Ownership));
        said.Description = Later(said.Description, Source(Documentation));

        ToldSource? Source(string facet) =>
            facets.Contains(facet) ? new ToldSource(node, facet, role, from.Hash, from.Stamp, Deleted: false)
            : deleted.Contains(facet) ? new ToldSource(node, facet, role, from.Hash, from.Stamp, Deleted: true)
            : null;
    }

    private static void AddTags(
        Said said, IReadOnlyList<OpenLineageTag> tags, IReadOnlyList<string> facets, IReadOnlyList<string> deleted, byte[] stamp)
    {
        if (facets.Contains("tags") || deleted.Contains("tags"))
            said.Tags = Later(said.Tags, new([.. tags.SelectMany(Written).Distinct(StringComparer.Ordinal)], stamp));
    }

    /// <summary>A tag of theirs has a key and a value; it is found by either, and by both.</summary>
    private static IEnumerable<string> Written(OpenLineageTag tag) =>
        tag.Value is "" or "true" ? [tag.Key] : [tag.Key, $"{tag.Key}:{tag.Value}"];

    private static IEnumerable<string> Paths(IReadOnlyList<OpenLineageField> fields, string parent) => fields.SelectMany(field =>
    {
        var path = parent.Length == 0 ? field.Name : $"{parent}.{field.Name}";
        return Paths(field.Fields, path).Prepend(path);
    });

    private Said Of(NodeId node) => _said.TryGetValue(node, out var said) ? said : _said[node] = new Said();

    private static Told<IReadOnlyList<string>>? Later(Told<IReadOnlyList<string>>? known, Told<IReadOnlyList<string>>? said) =>
        said is not null && IsLater(said.Stamp, known?.Stamp) ? said : known;

    private static ToldSource? Later(ToldSource? known, ToldSource? said) =>
        said is not null && IsLater(said.Stamp, known?.Stamp) ? said : known;

    private static ToldText? Later(ToldText? known, ToldSource? said, IReadOnlyDictionary<ToldSource, IReadOnlyList<string>> texts) =>
        said is not null && texts.TryGetValue(said, out var text)
            ? new ToldText(text, said.Stamp, Convert.FromHexString(said.Hash))
            : known;

    private static bool IsLater(byte[] stamp, byte[]? than) => than is null || stamp.AsSpan().SequenceCompareTo(than) > 0;

    private sealed class Said
    {
        public string Namespace { get; set; } = "";

        public Told<IReadOnlyList<string>>? Columns { get; set; }

        public Told<IReadOnlyList<string>>? Tags { get; set; }

        public ToldSource? Owners { get; set; }

        public ToldSource? Description { get; set; }
    }
}
