using System.Text.Json;
using Catalog.Access;
using Catalog.Integrity;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Store;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Erasure;

/// <summary>Shows an erasure, with its certificate.</summary>
public static class ShowErasure
{
    public sealed record Query(Guid Id) : IRequest<Outcome<Answer>>;

    /// <param name="Id">Of the erasure.</param>
    /// <param name="Subject">Keyed hash of the subject.</param>
    /// <param name="Columns">That told the subject's rows from others.</param>
    /// <param name="Within">Where the search began; empty for everywhere.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="BegunAt">When it was begun.</param>
    /// <param name="BegunBy">By whom.</param>
    /// <param name="CompletedAt">When it was done; null while it is not.</param>
    /// <param name="Position">Log position of the certificate; of the beginning while there is none.</param>
    /// <param name="CertificateHash">SHA-256 of the certificate in canonical JSON; null while there is none.</param>
    /// <param name="Certificate">What was erased, and what was not; null while it is not done.</param>
    public sealed record Answer(
        Guid Id, string Subject, IReadOnlyList<string> Columns, IReadOnlyList<string> Within, string Reason, DateTimeOffset BegunAt,
        string? BegunBy, DateTimeOffset? CompletedAt, long Position, string? CertificateHash, ErasureCertificate? Certificate);

    internal sealed class Handler(IDocumentStore store, Gate gate) : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct) =>
            gate.Ask(Act.Erase, resource: null).Refusal is { } no ? no
            : await FindAsync(store, q.Id, ct) is { } found ? found
            : Problem.Of("erasure.not_found", $"There is no erasure '{q.Id:D}'.");
    }

    /// <summary>Read from its stream: an erasure has two facts.</summary>
    internal static async Task<Answer?> FindAsync(IDocumentStore store, Guid id, CancellationToken ct)
    {
        await using var session = store.QuerySession();
        var facts = await session.Events.FetchStreamAsync(ErasureCase.StreamId(id), token: ct);
        if (facts is not [{ Data: ErasureBegun begun } first, ..])
            return null;
        var last = facts[^1];
        var certificate = (last.Data as ErasureCompleted)?.Certificate;
        return new Answer(
            id, begun.Subject, begun.Columns, begun.Within, begun.Reason, first.Timestamp, first.UserName,
            certificate is null ? null : last.Timestamp, last.Sequence, certificate is null ? null : HashOf(certificate), certificate);
    }

    private static string HashOf(ErasureCertificate certificate) =>
        Sha256.Hash(CanonicalJson.Serialize(JsonSerializer.SerializeToElement(certificate, CatalogStore.Json)));

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/erasures/{id:guid}",
                async (Guid id, IMediator mediator, CancellationToken ct) => (await mediator.Send(new Query(id), ct)).ToHttp())
            .Answers<Answer>("ShowErasure", "Show an erasure and its certificate");
}

/// <summary>Lists erasures, the newest first.</summary>
public static class ListErasures
{
    private const int Most = 1_000;

    public sealed record Query : IRequest<Outcome<Answer>>;

    /// <param name="Erasures">The newest first; at most 1,000.</param>
    public sealed record Answer(IReadOnlyList<Listed> Erasures);

    /// <param name="Id">Of the erasure.</param>
    /// <param name="Subject">Keyed hash of the subject.</param>
    /// <param name="Completed">Whether it is done.</param>
    public sealed record Listed(Guid Id, string Subject, bool Completed);

    internal sealed class Handler(IDocumentStore store, Gate gate) : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct) =>
            gate.Ask(Act.Erase, resource: null).Refusal is { } no ? no : new Answer(await store.ReadAsync(
                $"""
                select (data->>'erasure')::uuid, data->>'subject', (data->>'completed')::boolean from {StateTable.Name}
                where id like '{ErasureCase.Prefix}%' order by id desc limit {Most}
                """,
                [],
                row => new Listed(row.GetGuid(0), row.GetString(1), row.GetBoolean(2)),
                ct));
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/erasures",
                async (IMediator mediator, CancellationToken ct) => (await mediator.Send(new Query(), ct)).ToHttp())
            .Answers<Answer>("ListErasures", "List erasures");
}
