using Catalog.Access;
using Catalog.Datasets;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Store;
using Catalog.Platform.Writes;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Retention;

/// <summary>
/// Removes the versions whose time is over. A dataset that is held keeps all. Their bytes go with the next collections of garbage, as far
/// as no other version has them.
/// </summary>
public static class ExpireVersions
{
    /// <param name="DryRun">Nothing goes: the answer says what would.</param>
    public sealed record Body(bool DryRun = false);

    public sealed record Command(bool DryRun) : IRequest<Outcome<Answer>>;

    /// <param name="DryRun">Whether this only says what would be.</param>
    /// <param name="Versions">That went now, or would.</param>
    /// <param name="Held">Datasets that have versions whose time is over, and are held.</param>
    public sealed record Answer(bool DryRun, IReadOnlyList<Expired> Versions, IReadOnlyList<Held> Held);

    /// <param name="Node">The version.</param>
    /// <param name="Bytes">Of its files together; other versions can have the same files.</param>
    /// <param name="SupersededAt">When the next version was made.</param>
    public sealed record Expired(NodeId Node, long Bytes, DateTimeOffset SupersededAt);

    /// <param name="Node">The dataset.</param>
    /// <param name="Versions">How many versions would have gone.</param>
    /// <param name="Holds">That are on it.</param>
    public sealed record Held(NodeId Node, int Versions, IReadOnlyList<string> Holds);

    /// <summary>A version that has files.</summary>
    /// <param name="SupersededAt">When the next version was made; null for the newest.</param>
    internal sealed record KeptVersion(long Number, long Bytes, DateTimeOffset? SupersededAt);

    /// <summary>The versions whose time is over, held or not.</summary>
    internal static IReadOnlyList<KeptVersion> Due(Dataset? state, IReadOnlyList<KeptVersion> kept, DateTimeOffset now)
    {
        if (state?.Retention is not { } policy)
            return [];
        var aliased = state.Aliases.Values.ToHashSet();
        return
        [
            .. kept.Where(v => v.Number < state.Latest && !state.Tombstoned.Contains(v.Number)
                && policy.IsDue(new(v.SupersededAt, state.Latest - v.Number, aliased.Contains(v.Number)), now)),
        ];
    }

    internal static Decision Decide(Dataset? state, IReadOnlyList<KeptVersion> kept, DateTimeOffset now) =>
        state is not { Holds.IsEmpty: true } || Due(state, kept, now) is not { Count: > 0 } due
            ? Decision.Unchanged
            : Decision.Accept(
                [.. due.Select(v => new VersionTombstoned(v.Number, TombstoneCause.Retention, Successor: null, Erasure: null))]);

    internal sealed class Handler(
        IDocumentStore store, States states, WritePath writes, Tombstones tombstones, Turns turns, TimeProvider clock, Gate gate)
        : IRequestHandler<Command, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Command c, CancellationToken ct)
        {
            if (gate.Ask(Act.Operate, resource: null).Refusal is { } no)
                return no;

            // What an erasure has to remove must not be forgotten by another's sweep.
            await using var turn = c.DryRun ? null : await turns.TakeAsync(Turn.Erasure, ct);
            var (now, expired, held) = (clock.GetUtcNow(), new List<Expired>(), new List<Held>());
            foreach (var stream in await StreamsAsync(ct))
            {
                var node = NodeId.Parse(stream);
                if (!gate.Lets(Act.Operate, node))
                    continue;
                var kept = await KeptAsync(stream, ct);
                var state = await states.LoadAsync<Dataset>(stream, ct);
                if (Due(state, kept, now) is not { Count: > 0 } due)
                    continue;
                if (state is { Holds: { IsEmpty: false } holds })
                    held.Add(new(node, due.Count, [.. holds.Keys]));
                else if (c.DryRun)
                    expired.AddRange(Told(node, kept, [.. due.Select(v => v.Number)]));
                else
                    expired.AddRange(Told(node, kept, await ExpireAsync(stream, kept, now, ct)));
            }

            if (!c.DryRun)
                await tombstones.SweepAsync(listed: null, ct);
            return new Answer(c.DryRun, expired, held);
        }

        /// <returns>What went: a hold that was placed meanwhile counts.</returns>
        private async Task<IReadOnlyCollection<long>> ExpireAsync(
            string stream, IReadOnlyList<KeptVersion> kept, DateTimeOffset now, CancellationToken ct)
        {
            var written = await writes.DecideAsync<Dataset>(stream, state => Decide(state, kept, now), ct);
            return written.Decision is Decision.Accepted { Facts: var facts }
                ? [.. facts.OfType<VersionTombstoned>().Select(f => f.Number)]
                : [];
        }

        private static IEnumerable<Expired> Told(NodeId node, IReadOnlyList<KeptVersion> kept, IReadOnlyCollection<long> numbers) =>
            from v in kept
            where numbers.Contains(v.Number)
            select new Expired(node.WithVersion(v.Number), v.Bytes, v.SupersededAt ?? default);

        /// <summary>States, not pages: what was declared a moment ago counts.</summary>
        private Task<List<string>> StreamsAsync(CancellationToken ct) => store.ReadAsync(
            $"""
            select id from {StateTable.Name} where id like 'dataset:%' and data->>'retention' is not null order by id
            """,
            [],
            row => row.GetString(0),
            ct);

        private Task<List<KeptVersion>> KeptAsync(string stream, CancellationToken ct) => store.ReadAsync(
            $"""
            select number, bytes, superseded from (
              select (data->>'number')::bigint as number, (data->>'bytes')::bigint as bytes, data->>'manifestHash' as manifest,
                lead((data->>'committedAt')::timestamptz) over (order by (data->>'number')::bigint) as superseded
              from {CatalogStore.Schema}.mt_doc_{VersionPages.TableAlias} where data->>'dataset' = $1) as v
            where manifest is not null order by number
            """,
            [stream],
            row => new KeptVersion(row.GetInt64(0), row.IsDBNull(1) ? 0 : row.GetInt64(1), row.Time(2)),
            ct);
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/retention/expire",
                async (Body body, IMediator mediator, CancellationToken ct) => (await mediator.Send(new Command(body.DryRun), ct)).ToHttp())
            .Answers<Answer>("ExpireVersions", "Remove the versions whose time is over");
}
