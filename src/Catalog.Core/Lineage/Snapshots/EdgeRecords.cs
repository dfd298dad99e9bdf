using System.Runtime.InteropServices;

namespace Catalog.Lineage.Snapshots;

/// <summary>The graph's statements in a snapshot.</summary>
internal static class EdgeRecords
{
    private const int AtOnce = 16 * 1024;

    /// <param name="snapshot">Where to.</param>
    /// <param name="records">As a view gives them.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="position">Log position of the view: what was replaced later was not then.</param>
    public static void Write(SnapshotWriter snapshot, IEnumerable<EdgeRecord> records, int count, long position)
    {
        snapshot.Count(count);
        foreach (var some in records.Select(r => Record.Of(r, position)).Chunk(AtOnce))
            snapshot.Items<Record>(some);
    }

    /// <exception cref="InvalidDataException">A record names a node that is not there.</exception>
    public static List<EdgeRecord> Read(SnapshotReader snapshot, int nodes)
    {
        var count = snapshot.Count();
        var records = new List<EdgeRecord>(count);
        while (records.Count < count)
        {
            foreach (var record in snapshot.Items<Record>())
            {
                if ((uint)record.Source >= (uint)nodes || (uint)record.Target >= (uint)nodes)
                    throw new InvalidDataException("An edge names a node that is not there.");
                records.Add(record.ToEdge());
            }
        }

        return records;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private readonly record struct Record(
        int Source, int Target, byte Relation, long HeldFrom, long KnownFrom, long HeldTo, long ReplacedAt)
    {
        public static Record Of(EdgeRecord edge, long position) => new(
            edge.Source, edge.Target, (byte)edge.Relation, edge.HeldFrom, edge.KnownFrom, edge.End.HeldTo,
            edge.End.ReplacedAt > position ? long.MaxValue : edge.End.ReplacedAt);

        public EdgeRecord ToEdge() =>
            new(Source, Target, (LineageRelation)Relation, HeldFrom, KnownFrom, new RecordEnd(HeldTo, ReplacedAt));
    }
}
