using Catalog.Access;
using Catalog.Datasets;
using Catalog.Features.Training;
using Catalog.Integrity;
using Catalog.Lineage;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Projections;
using Catalog.Platform.Store;
using Catalog.Platform.Writes;
using Catalog.Predictions;
using Catalog.Storage.Files;
using Marten;

namespace Catalog.Erasure;

/// <summary>How far a search or an erasure has come.</summary>
/// <param name="Files">Files looked into.</param>
public sealed record ErasureProgress(long Files);

/// <summary>
/// Finds a subject's rows: in every version that has a column called so, and, through lineage, in those whose columns were made of such a
/// column under another name; and then what was made of those versions.
/// </summary>
internal sealed class SubjectSearch(
    IDocumentStore store, IQuerySession pages, States states, ManifestStore manifests, SubjectFiles files, SubjectNames names,
    LineageReader lineage, ProjectionProgress progress)
{
    private const string Versions = $"{CatalogStore.Schema}.mt_doc_{VersionPages.TableAlias}";

    /// <param name="subject">Whose rows.</param>
    /// <param name="within">Namespaces, and datasets as nodes, that the search begins in; none for all. Lineage leads out of them.</param>
    /// <param name="erased">Versions that were erased already: what was made of them is found, too.</param>
    /// <param name="told">Told about files that were looked into.</param>
    /// <param name="ct">Stops.</param>
    public async Task<Outcome<FoundSubject>> FindAsync(
        Subject subject, IReadOnlyList<string> within, IReadOnlyList<NodeId> erased, IProgress<ErasureProgress>? told, CancellationToken ct)
    {
        var scene = await lineage.SetAsync(
            asOf: null, at: null, await progress.FindEndAsync(ct), LineageGranularity.Version, ct);
        if (!scene.Succeeded)
            return scene.Problem;
        var search = new Search(new(pages, states, manifests, files), scene.Value, told);
        var keyed = (await names.WithKeysAsync(subject, ct)).Values;
        foreach (var dataset in (await DatasetsAsync(ct)).Where(IsWithin))
            search.Want(dataset, PredictionNames.IsOf(dataset) ? keyed : subject.Values);
        foreach (var named in (await names.ElsewhereAsync(subject, ct)).Where(n => IsWithin(n.Dataset)))
            search.Want(named.Dataset, named.Subject.Values);
        await search.LookAsync(ct);
        await search.FollowAsync([.. erased, .. await ExpiredAsync(search.Found().Free.Select(d => d.Node), ct)], ct);
        return search.Found();

        bool IsWithin(NodeId dataset) => within.Count == 0 || within.Contains(dataset.Namespace, StringComparer.Ordinal)
            || within.Contains(dataset.ToString(), StringComparer.Ordinal);
    }

    /// <summary>
    /// Versions of datasets in which the subject was found that are not kept any more: whether they held it, nobody can see; what was made
    /// of them may hold it still.
    /// </summary>
    /// <param name="datasets">In which it was found.</param>
    /// <param name="ct">Stops.</param>
    public Task<List<NodeId>> ExpiredAsync(IEnumerable<NodeId> datasets, CancellationToken ct) => store.ReadAsync(
        $"select id from {Versions} where data->>'dataset' = any($1) and data->'tombstone'->>'at' is not null order by id",
        [datasets.Select(d => d.StreamId).ToArray()],
        row => NodeId.Parse(row.GetString(0)),
        ct);

    /// <summary>That have versions with files, or such as were only heard of.</summary>
    private Task<List<NodeId>> DatasetsAsync(CancellationToken ct) => store.ReadAsync(
        $"""
        select distinct data->>'dataset' from {Versions} where data->>'manifestHash' is not null or data->>'state' = 'observed' order by 1
        """,
        [],
        row => NodeId.Parse(row.GetString(0)),
        ct);

    private sealed record Tools(IQuerySession Pages, States States, ManifestStore Manifests, SubjectFiles Files)
    {
        public Task<IReadOnlyList<VersionPage>> VersionsAsync(NodeId dataset, CancellationToken ct)
        {
            var stream = dataset.StreamId;
            return Pages.Query<VersionPage>().Where(v => v.Dataset == stream && v.ManifestHash != null).OrderBy(v => v.Number)
                .ToListAsync(ct);
        }
    }

    /// <summary>One search, with what it found so far.</summary>
    private sealed class Search(Tools tools, Scene scene, IProgress<ErasureProgress>? told)
    {
        private readonly Dictionary<NodeId, Dictionary<string, string>> _columns = [];
        private readonly Queue<NodeId> _waiting = new();
        private readonly Dictionary<NodeId, FoundDataset> _found = [];
        private readonly HashSet<NodeId> _unsearched = [];
        private readonly Dictionary<(NodeId Dataset, string File), long> _rows = [];
        private readonly HashSet<NodeId> _downstream = [];
        private bool _truncated;
        private long _files;

        /// <summary>Looks for values in columns of a dataset.</summary>
        public void Want(NodeId dataset, IEnumerable<KeyValuePair<string, string>> values)
        {
            if (!_columns.TryGetValue(dataset, out var wanted))
                _columns.Add(dataset, wanted = new(StringComparer.Ordinal));
            var more = false;
            foreach (var (column, value) in values)
                more |= wanted.TryAdd(column, value);
            if (more && !_waiting.Contains(dataset))
                _waiting.Enqueue(dataset);
        }

        /// <summary>Until no column leads to another.</summary>
        public async Task LookAsync(CancellationToken ct)
        {
            while (_waiting.TryDequeue(out var dataset))
            {
                var subject = new Subject(_columns[dataset].ToDictionary(StringComparer.Ordinal));
                foreach (var file in _rows.Keys.Where(k => k.Dataset == dataset).ToList())
                    _rows.Remove(file);
                if (await LookAsync(dataset, subject, ct) is not { Versions.Count: > 0 } found)
                    continue;
                _found[dataset] = found;
                foreach (var (column, value) in subject.Values)
                    Trace(NodeId.Dataset(dataset.Namespace, dataset.Name, version: null, column), value);
            }
        }

        private async Task<FoundDataset> LookAsync(NodeId dataset, Subject subject, CancellationToken ct)
        {
            var state = await tools.States.LoadAsync<Dataset>(dataset.StreamId, ct);
            var found = new FoundDataset(dataset, [.. state?.Holds.Keys ?? []], subject, PredictionNames.IsOf(dataset), []);
            var versions = new List<FoundVersion>();
            if (state is { Observed.IsEmpty: false })
                _unsearched.Add(dataset);
            foreach (var page in await tools.VersionsAsync(dataset, ct))
            {
                if (page is { Schema: null, Files: > 0 } || HasNested(page.Schema, subject))
                    _unsearched.Add(dataset);
                if (page is { Schema: { } schema, ManifestHash: { } manifest } && (found.IsPredictions || HasAny(schema, subject))
                    && await LookAsync(found, page.Number, manifest, ct) is { Files.Count: > 0 } version)
                    versions.Add(version);
            }

            return found with { Versions = versions };
        }

        private static bool HasAny(Schemas.TableSchema schema, Subject subject) =>
            schema.Columns.Any(c => subject.Values.ContainsKey(c.Name));

        /// <summary>A struct, list or map of the name, whose values are not compared.</summary>
        private static bool HasNested(Schemas.TableSchema? schema, Subject subject) =>
            schema?.Columns.Any(c => c.Children is { Count: > 0 } && subject.Values.ContainsKey(c.Name)) == true;

        private async Task<FoundVersion> LookAsync(FoundDataset dataset, long number, string manifest, CancellationToken ct)
        {
            var (root, found) = (await tools.Manifests.LoadRootAsync(manifest, ct), new List<FoundFile>());
            await foreach (var file in tools.Manifests.ReadFilesAsync(root, after: null, ct))
            {
                if (await RowsAsync(dataset, file, ct) is > 0 and var rows)
                    found.Add(new(file, rows));
            }

            return new(number, manifest, found, RecipeOf(root));
        }

        /// <summary>A file that many versions have is looked into once.</summary>
        private async Task<long> RowsAsync(FoundDataset dataset, FileEntry file, CancellationToken ct)
        {
            if (_rows.TryGetValue((dataset.Node, file.Uri), out var known))
                return known;
            try
            {
                known = await tools.Files.CountAsync(file, dataset.Subject, dataset.IsPredictions, ct);
            }
            catch (FileException)
            {
                _unsearched.Add(dataset.Node);
            }

            told?.Report(new(++_files));
            return _rows[(dataset.Node, file.Uri)] = known;
        }

        private static TrainingRecipe? RecipeOf(ManifestRoot root) => root.Recipe is { } text ? TrainingRecipe.Parse(text) : null;

        /// <summary>The columns that were made of this one, whatever they are called.</summary>
        private void Trace(NodeId column, string value)
        {
            var impact = Impact.Of([column], scene, LineageBounds.MaxDepth, LineageBounds.MaxLimit);
            _truncated |= impact.Truncated;
            foreach (var node in impact.Columns.Select(c => c.Node).Where(n => n.Kind == NodeKind.Dataset))
                Want(node.WithoutVersion(), [KeyValuePair.Create(node.Column ?? "", value)]);
        }

        /// <summary>Training sets of what was found are found, too, and training sets of those; the rest is told.</summary>
        public async Task FollowAsync(IReadOnlyList<NodeId> erased, CancellationToken ct)
        {
            HashSet<NodeId> roots = [.. erased];
            for (var known = -1; known != roots.Count;)
            {
                known = roots.Count;
                roots.UnionWith(Found().FreeVersions);
                var impact = Impact.Of([.. roots], scene, LineageBounds.MaxDepth, LineageBounds.MaxLimit);
                _truncated |= impact.Truncated;
                _downstream.UnionWith(impact.Nodes.Select(n => n.Node));
                foreach (var node in impact.Nodes.Select(n => n.Node).Where(n => n.Kind == NodeKind.Dataset && !roots.Contains(n)))
                {
                    if (await SetAsync(node, roots, ct))
                        roots.Add(node);
                }
            }

            _downstream.ExceptWith(roots);
        }

        private async Task<bool> SetAsync(NodeId node, HashSet<NodeId> roots, CancellationToken ct)
        {
            if (await tools.Pages.LoadAsync<VersionPage>(node.ToString(), ct) is not { ManifestHash: { } manifest } page
                || RecipeOf(await tools.Manifests.LoadRootAsync(manifest, ct)) is not { } recipe || !recipe.Inputs().Any(roots.Contains))
                return false;
            var (dataset, version) = (node.WithoutVersion(), new FoundVersion(page.Number, manifest, [], recipe));
            if (!_found.TryGetValue(dataset, out var found))
            {
                var state = await tools.States.LoadAsync<Dataset>(dataset.StreamId, ct);
                found = new(
                    dataset, [.. state?.Holds.Keys ?? []], new(_columns.GetValueOrDefault(dataset) ?? []), IsPredictions: false, []);
            }

            _found[dataset] = found with { Versions = [.. found.Versions.Append(version).OrderBy(v => v.Number)] };
            return true;
        }

        public FoundSubject Found() => new(
            [.. _found.Values.OrderBy(d => d.Node, NodeId.Order)], [.. _downstream.Order(NodeId.Order)],
            [.. _unsearched.Order(NodeId.Order)], _truncated);
    }
}
