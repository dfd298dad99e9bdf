using Catalog.Lineage.OpenLineage;

namespace Catalog.Lineage.Snapshots;

/// <summary>
/// The graph at a log position, with what its folding has to remember: whoever reads it goes on from there as if it had read the whole log.
/// </summary>
/// <remarks>Numbers lie in it as in memory, so it is for the machine that wrote it and its like, and is never the only copy.</remarks>
public sealed class LineageSnapshot
{
    private readonly GraphView _view;
    private readonly Chunks _folded = new();

    private LineageSnapshot(GraphView view) => _view = view;

    /// <summary>Log position that it includes.</summary>
    public long Position => _view.Position;

    /// <summary>
    /// Takes one, on the thread that writes the graph, just after it was published. It holds still what would change; the rest of the work
    /// is for <see cref="WriteTo"/>, on any thread.
    /// </summary>
    public static LineageSnapshot Take(TemporalGraph graph, OpenLineageFold fold)
    {
        var snapshot = new LineageSnapshot(graph.Current);
        using var writer = new SnapshotWriter(snapshot._folded);
        fold.WriteTo(writer);
        return snapshot;
    }

    public void WriteTo(Stream output)
    {
        using var writer = new SnapshotWriter(output);
        writer.Number(Position);
        _view.WriteTo(writer);
        writer.Flush();
        _folded.WriteTo(output);
    }

    /// <exception cref="InvalidDataException">It is not what <see cref="WriteTo"/> wrote.</exception>
    /// <exception cref="EndOfStreamException">It was cut short.</exception>
    public static (TemporalGraph Graph, OpenLineageFold Fold) Read(Stream input)
    {
        using var reader = new SnapshotReader(input);
        var graph = TemporalGraph.From(reader, position: reader.Number());
        return (graph, OpenLineageFold.From(reader, graph));
    }
}
