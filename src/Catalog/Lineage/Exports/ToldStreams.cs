using Catalog.Platform.Log;

namespace Catalog.Lineage.Exports;

/// <summary>
/// The streams whose facts an extract of the graph rests on, whole: its runs and the runs that made its versions; for edges between things,
/// the streams of each fact that changed what is known of the edge; and what says that two names are one dataset.
/// </summary>
internal sealed class ToldStreams(LogReader log)
{
    private const int MaxStreams = 50_000;

    public async Task<(IReadOnlyCollection<string> Found, bool Cut)> OfAsync(LineageExtract lineage, Scene scene, CancellationToken ct)
    {
        var (view, streams, positions, cut) = (scene.View, new HashSet<string>(StringComparer.Ordinal), new HashSet<long>(), false);
        foreach (var node in lineage.Nodes.Select(n => n.Id))
        {
            if (node.Kind == NodeKind.Run)
                streams.Add(node.StreamId);
            if (node.Version is not null && view.Find(node) is var version and >= 0)
                streams.UnionWith(
                    view.Neighbours(version, into: true, LineageRelations.Of(LineageRelation.Output, LineageRelation.Trained), scene.Moment)
                        .Select(maker => view.NodeOf(maker.Node).StreamId));
        }

        positions.UnionWith(NamesOf(
            lineage.Nodes.Select(n => n.Id).Where(n => n.Kind == NodeKind.Dataset).Select(n => n.WithoutVersion()).Distinct(), view));

        foreach (var (from, to, relation) in lineage.Edges.Where(e => IsBetweenThings(e.Relation)))
        {
            var history = view.HistoryOf(view.Find(from), view.Find(to), LineageRelations.Of(relation)).ToList();
            positions.UnionWith(history.Select(h => h.KnownFrom));

            // What held in pieces was put together from more than the facts that changed it.
            if (history.Where(h => h.KnownTo is null).ToList() is not [{ HeldTo: null }])
            {
                var all = new EdgeStreams(view, MaxStreams).Of(from, to, []);
                streams.UnionWith(all.Found);
                cut |= all.Cut;
            }
        }

        await foreach (var fact in log.ReadAsync([.. positions.Where(p => p <= scene.Position).Order()], ct))
            streams.Add(fact.Stream);
        return (streams, cut);
    }

    private static bool IsBetweenThings(LineageRelation relation) => relation is
        LineageRelation.Reads or LineageRelation.Writes or LineageRelation.Follows or LineageRelation.Derived or LineageRelation.Renamed
        or LineageRelation.Symlink or LineageRelation.Column or LineageRelation.ColumnInfluence;

    /// <summary>Where it was said that datasets have other names, and those others. Each of them is looked at once.</summary>
    private static IEnumerable<long> NamesOf(IEnumerable<NodeId> datasets, GraphView view)
    {
        var relations = LineageRelations.Of(LineageRelation.Symlink, LineageRelation.Renamed);
        var met = datasets.Select(view.Find).Where(d => d >= 0).ToHashSet();
        var ahead = new Queue<int>(met);
        while (ahead.TryDequeue(out var here))
        {
            foreach (var (other, into) in Around(here))
            {
                foreach (var said in into ? view.HistoryOf(other, here, relations) : view.HistoryOf(here, other, relations))
                    yield return said.KnownFrom;
                if (met.Add(other))
                    ahead.Enqueue(other);
            }
        }

        IEnumerable<(int Node, bool Into)> Around(int node) =>
            view.EverNeighbours(node, into: true, relations).Select(n => (n.Node, true))
                .Concat(view.EverNeighbours(node, into: false, relations).Select(n => (n.Node, false)));
    }
}
