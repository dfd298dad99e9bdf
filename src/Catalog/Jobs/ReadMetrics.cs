using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Store;
using Catalog.Platform.Writes;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Catalog.Jobs;

/// <summary>Reads what a run measured in the order it was logged, straight from its facts; one series where asked.</summary>
public static class ReadMetrics
{
    public sealed record Query(Guid Run, string? Key, PageRequest Page) : IRequest<Outcome<Page<MetricPoint>>>;

    internal sealed class Handler(IQuerySession session, States states, Gate gate) : IRequestHandler<Query, Outcome<Page<MetricPoint>>>
    {
        public async Task<Outcome<Page<MetricPoint>>> Handle(Query q, CancellationToken ct)
        {
            var node = NodeId.Run(q.Run);
            if (gate.Ask(Act.Read, node).Refusal is { } no)
                return no;
            if (await states.LoadAsync<Run>(node.StreamId, ct) is null)
                return Problem.Of("run.not_found", $"There is no '{node}'.");

            var page = q.Page.Cut(await ReadAsync(node.StreamId, q, ct), l => l.At.ToString());
            return new Page<MetricPoint>([.. page.Items.Select(l => l.Point)], page.Next);
        }

        /// <summary>
        /// Batches are taken apart in PostgreSQL, so that a page of points costs a page of memory however large the batches are.
        /// </summary>
        private async Task<List<Logged>> ReadAsync(string stream, Query q, CancellationToken ct)
        {
            var after = Place.Parse(q.Page.After);
            await using var connection = session.DocumentStore.Storage.Database.CreateConnection();
            await connection.OpenAsync(ct);
            await using var command = new NpgsqlCommand(
                $"""
                select e.version, p.place, p.point::text
                from {CatalogStore.Schema}.mt_events e
                cross join lateral jsonb_array_elements(e.data -> 'points') with ordinality as p (point, place)
                where e.stream_id = $1 and e.type = '{JobFacts.MetricsLogged}' and e.version >= $2 and (e.version > $2 or p.place > $3)
                  and ($4::text is null or p.point ->> 'key' = $4)
                order by e.version, p.place limit $5
                """,
                connection);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stream });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after.Fact });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after.Point });
            command.Parameters.Add(
                new NpgsqlParameter { Value = q.Key ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = q.Page.Limit + 1 });

            var found = new List<Logged>();
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
                found.Add(new Logged(new Place(reader.GetInt64(0), reader.GetInt64(1)), Read(reader.GetString(2))));
            return found;
        }

        private static MetricPoint Read(string json) =>
            JsonSerializer.Deserialize<MetricPoint>(json, CatalogStore.Json)
                ?? throw new InvalidOperationException("A batch of metrics holds no point.");
    }

    private sealed record Logged(Place At, MetricPoint Point);

    /// <summary>Where in a run's log a point stands: the fact's number on the stream, and the point's in the batch, both from 1.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Place(long Fact, long Point)
    {
        public static Place Parse(string? cursor) => cursor?.Split('.') switch
        {
            null => default,
            [var fact, var point] when Number(fact) is { } f && Number(point) is { } p => new Place(f, p),
            _ => throw new ProblemException(
                Problem.Field("cursor.invalid", "after", "'after' must be the 'next' of an earlier page of this list.")),
        };

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Fact}.{Point}");

        private static long? Number(string text) =>
            long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/runs/{id:guid}/metrics",
                async (Guid id, string? key, PageRequest page, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(id, key, page), ct)).ToHttp())
            .Answers<Page<MetricPoint>>("ReadMetrics", "Read what a run measured, in the order it was logged");
}
