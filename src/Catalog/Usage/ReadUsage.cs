using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using Catalog.Tiers;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Usage;

/// <summary>
/// Sums requests and bytes that were read: by owner, dataset, version, run, principal, purpose, way or day. By owner and by dataset it also
/// says what is stored.
/// </summary>
public static class ReadUsage
{
    public const int DefaultDays = 30;
    private const int MaxRows = 10_000;

    /// <param name="By">What to sum by.</param>
    /// <param name="Since">The first day, in UTC; null for 29 days before the last.</param>
    /// <param name="Until">The last day; null for today.</param>
    /// <param name="Namespace">Only this namespace; null for all.</param>
    /// <param name="Node">Only this dataset, model, or version of one; null for all.</param>
    public sealed record Query(UsageBy By, DateOnly? Since, DateOnly? Until, string? Namespace, NodeId? Node) : IRequest<Outcome<Answer>>;

    /// <param name="Since">The first day, in UTC.</param>
    /// <param name="Until">The last day.</param>
    /// <param name="Currency">Of the costs; null until prices were declared.</param>
    /// <param name="Rows">Those with most bytes read first, then those with most stored; by day, in the order of days.</param>
    public sealed record Answer(DateOnly Since, DateOnly Until, UsageBy By, string? Currency, IReadOnlyList<Row> Rows);

    /// <param name="Key">What was summed by: an owner, a node, an id, a word or a day; empty where nothing was declared.</param>
    /// <param name="Requests">For data, in the days asked for.</param>
    /// <param name="Bytes">Of stored files that were read for them: of columns, what was read of the Parquet files.</param>
    /// <param name="LastReadAt">Null where nothing was read in these days.</param>
    /// <param name="StoredBytes">Of its distinct files in the catalog's own storage now; null where that cannot be said by this.</param>
    /// <param name="ArchivedBytes">Of those, what is in the archive.</param>
    /// <param name="ReadCost">Of the requests and bytes, at the price of the object store; null without prices.</param>
    /// <param name="StorageCost">A month; null without prices.</param>
    public sealed record Row(
        string Key, long Requests, long Bytes, DateTimeOffset? LastReadAt, long? StoredBytes, long? ArchivedBytes, decimal? ReadCost,
        decimal? StorageCost);

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            RuleFor(q => q.Node).Must(n => n is null or { Kind: NodeKind.Dataset or NodeKind.Model, Column: null })
                .WithMessage("must be a dataset, a model, or a version of one, such as 'dataset:demo/flights@3'.");
            RuleFor(q => q.Node).Must(n => n?.Version is null || n.Value.VersionNumber is not null)
                .WithMessage("must name the version by its number.");
            RuleFor(q => q.Since).Must((q, since) => since is null || q.Until is null || since <= q.Until)
                .WithMessage("must not be after 'until'.");
        }
    }

    internal sealed class Handler(UsageMeter meter, UsageSums sums, StoredBytes stored, States states, Gate gate, TimeProvider clock)
        : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            if (gate.Ask(Act.Operate, q.Node).Refusal is { } no)
                return no;
            await meter.FlushAsync(ct);
            var until = q.Until ?? DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
            q = q with { Until = until, Since = q.Since ?? until.AddDays(1 - DefaultDays) };
            var catalog = await states.LoadAsync<CatalogState>(CatalogState.Stream, ct);
            var reads = await sums.ReadAsync(q, MaxRows, ct);
            var holds = q.By is UsageBy.Owner or UsageBy.Dataset ? await stored.ReadAsync(q, ct) : null;
            var keys = reads.Keys.Concat(holds?.Keys ?? Enumerable.Empty<string>()).Distinct(StringComparer.Ordinal);
            var rows = keys.Select(key => ToRow(key, reads.GetValueOrDefault(key), holds, catalog?.Prices));
            return new Answer(
                q.Since.Value, until, q.By, catalog?.Prices?.Currency,
                [
                    .. q.By == UsageBy.Day
                        ? rows.OrderBy(r => r.Key, StringComparer.Ordinal)
                        : rows.OrderByDescending(r => r.Bytes).ThenByDescending(r => r.StoredBytes)
                            .ThenBy(r => r.Key, StringComparer.Ordinal),
                ]);
        }

        private static Row ToRow(
            string key, UsageSum? read, Dictionary<string, (long Store, long Archive)>? holds, PriceTable? prices)
        {
            var held = holds is null ? ((long Store, long Archive)?)null : holds.GetValueOrDefault(key);
            return new Row(
                key, read?.Requests ?? 0, read?.Bytes ?? 0, read?.LastAt, held?.Store + held?.Archive, held?.Archive,
                prices is null ? null : Math.Round(prices.Of(Tier.Warm).Reads(read?.Requests ?? 0, read?.Bytes ?? 0), 6),
                prices is null || held is not { } h
                    ? null
                    : Math.Round(prices.StorageOf(Tier.Warm, h.Store) + prices.StorageOf(Tier.Cold, h.Archive), 6));
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/usage",
                async (QueryEnum<UsageBy> by, QueryDay since, QueryDay until, string? @namespace, QueryNode node, IMediator mediator,
                        CancellationToken ct) =>
                    (await mediator.Send(
                        new Query(by.Value ?? UsageBy.Dataset, since.Value, until.Value, @namespace, node.Node), ct)).ToHttp())
            .Answers<Answer>("ReadUsage", "Sum what was read, and what is stored", also: ProblemKind.Unavailable);
}
