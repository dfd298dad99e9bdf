using Catalog.Hot;
using Catalog.Server.Doors.Online;
using Catalog.Serving;

namespace Catalog.Server.Doors.Lookup;

/// <summary>Writes where rows come from: for each view its generation, and the dataset versions of the rows that were found.</summary>
internal static class LookupReceipts
{
    private const int FewOrigins = 256;
    private const uint Nothing = 0;
    private const uint Pushed = 1;
    private const uint FirstOrigin = 2;

    public static void Write(ProtoWriter to, OnlineRead read)
    {
        for (var view = 0; view < read.Plan.Views.Count; view++)
            to.Text(6, read.Plan.Views[view].View.GenerationNode);
        for (var view = 0; view < read.Plan.Views.Count; view++)
        {
            var start = to.Begin(7);
            to.Text(1, read.Plan.Views[view].View.RunNode);
            WriteOrigins(to, read, view);
            to.End(start);
        }
    }

    private static void WriteOrigins(ProtoWriter to, OnlineRead read, int view)
    {
        var served = read.Plan.Views[view].View;
        var origins = served.Header?.Origins ?? [];
        Span<uint> places = origins.Count <= FewOrigins ? stackalloc uint[origins.Count] : new uint[origins.Count];
        var next = FirstOrigin;
        var found = read.RowsOf(view);
        foreach (var address in found)
        {
            var row = new HotRow(address);
            if (!row.IsThere || row.Origin >= places.Length || places[(int)row.Origin] != 0)
                continue;
            places[(int)row.Origin] = next++;
            WriteOrigin(to, served.OriginTextOf(row) ?? "", origins[(int)row.Origin].Position);
        }

        var rows = to.Begin(3);
        foreach (var address in found)
            to.Varints(PlaceOf(new(address), places));
        to.End(rows);
    }

    private static void WriteOrigin(ProtoWriter to, string version, long position)
    {
        var message = to.Begin(2);
        to.Text(1, version);
        to.Whole(2, position);
        to.End(message);
    }

    private static uint PlaceOf(HotRow row, ReadOnlySpan<uint> places) =>
        !row.IsThere ? Nothing : row.Origin == HotRow.Pushed ? Pushed : row.Origin < places.Length ? places[(int)row.Origin] : Nothing;
}
