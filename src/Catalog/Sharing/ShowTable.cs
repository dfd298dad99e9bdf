using Catalog.Access;
using Catalog.Manifests;
using Catalog.Platform;
using MediatR;

namespace Catalog.Sharing;

/// <summary>
/// Says what a table is for whoever asks: for whom columns are masked or rows left out, it is a projection, of another size and schema.
/// </summary>
public static class ShowTable
{
    /// <param name="Table">The version.</param>
    public sealed record Query(FindTable.Answer Table) : IRequest<Outcome<FindTable.Answer>>;

    internal sealed class Handler(VersionLookup versions, ShownTables shown, Gate gate) : IRequestHandler<Query, Outcome<FindTable.Answer>>
    {
        public async Task<Outcome<FindTable.Answer>> Handle(Query q, CancellationToken ct)
        {
            var version = await versions.FindAsync(q.Table.Version, ct);
            if (gate.Ask(Act.Read, version.Value?.Node ?? q.Table.Version, version.Value?.Tags ?? []).Refusal is { } no)
                return no;
            if (!version.Succeeded)
                return version.Problem;

            // Who may not read the data may know what the page of the version says, too.
            var reading = gate.Foresee(version.Value.Node, version.Value.Tags);
            if (reading.Denial is not null)
                return q.Table;
            var table = await shown.OfAsync(q.Table, version.Value, reading, ct);
            return table.Succeeded ? table.Value.Table : table.Problem;
        }
    }
}
