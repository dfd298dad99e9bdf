using Apache.Arrow;
using Catalog.Access;
using Catalog.Manifests;
using Catalog.Platform;
using MediatR;

namespace Catalog.Columns;

/// <summary>Tells which columns an answer of <see cref="ReadColumns"/> would have, for those who ask before they read.</summary>
public static class ShowColumns
{
    public sealed record Query(NodeId Version, ColumnQuestion Question) : IRequest<Outcome<Answer>>;

    /// <param name="Version">By number.</param>
    /// <param name="Schema">Of every batch that the question would be answered with.</param>
    public sealed record Answer(NodeId Version, Schema Schema);

    internal sealed class Handler(VersionLookup versions, ColumnFiles files, Gate gate) : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            var version = await versions.FindAsync(q.Version, ct);
            if (gate.Ask(Act.Read, version.Value?.Node ?? q.Version, version.Value?.Tags ?? []).Refusal is { } no)
                return no;
            if (!version.Succeeded)
                return version.Problem;
            // An order changes no column, and takes footers and counting to make.
            var question = q.Question with { Training = null };
            var obligations = gate.Binds(version.Value.Node, version.Value.Tags);
            var batches = await files.OpenAsync(version.Value, question, obligations, reading: null, ct);
            return batches.Succeeded ? new Answer(version.Value.Node, batches.Value.Schema) : batches.Problem;
        }
    }
}
