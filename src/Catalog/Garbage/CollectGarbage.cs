using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Storage.Objects;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Garbage;

/// <summary>
/// Frees the objects that no version has: uploads that nobody committed, and what a writer left that was killed. An object is noted when it
/// is found unused, and freed by a later collection once it has been unused for the grace, so that an upload has time to be committed.
/// </summary>
public static class CollectGarbage
{
    public const int DefaultGraceSeconds = 24 * 60 * 60;
    public const int MaxGraceSeconds = 366 * 24 * 60 * 60;

    private const int MostListed = 1_000;
    private const int LookedUp = 5_000;
    private const int FreedTogether = 50;

    /// <param name="DryRun">Nothing is noted and nothing freed: the answer says what would be.</param>
    /// <param name="GraceSeconds">How long an object must have been known to be unused; 24 hours where null.</param>
    public sealed record Body(bool DryRun = false, int? GraceSeconds = null);

    public sealed record Command(bool DryRun, int GraceSeconds) : IRequest<Outcome<Answer>>;

    /// <param name="DryRun">Whether this only says what would be.</param>
    /// <param name="UnusedObjects">Objects that no version has.</param>
    /// <param name="UnusedBytes">Of those.</param>
    /// <param name="FreedObjects">Of those, what was freed now, or would be.</param>
    /// <param name="FreedBytes">Of those.</param>
    /// <param name="Objects">The unused objects, those that go first at the front; at most 1,000.</param>
    public sealed record Answer(
        bool DryRun, long UnusedObjects, long UnusedBytes, long FreedObjects, long FreedBytes, IReadOnlyList<Unused> Objects);

    /// <param name="Sha256">Of the content.</param>
    /// <param name="Bytes">Size.</param>
    /// <param name="Since">When it was noted to be unused; null where it was not yet.</param>
    /// <param name="FreeFrom">From when a collection with this grace frees it; null where it has to be noted first.</param>
    /// <param name="Freed">Whether it was freed now, or would be.</param>
    public sealed record Unused(string Sha256, long Bytes, DateTimeOffset? Since, DateTimeOffset? FreeFrom, bool Freed);

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.GraceSeconds).InclusiveBetween(0, MaxGraceSeconds)
            .WithMessage($"must be from 0 to {MaxGraceSeconds} seconds; {DefaultGraceSeconds} unless told.");
    }

    internal sealed class Handler(UnusedObjects unused, StoreMarks marks, IObjectStore objects, Gate gate)
        : IRequestHandler<Command, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Command c, CancellationToken ct)
        {
            if ((gate.Ask(Act.Operate, resource: null).Refusal ?? await marks.FindOthersAsync(ct)) is { } no)
                return no;
            var grace = TimeSpan.FromSeconds(c.GraceSeconds);
            var found = await FindAsync(ct);
            var all = await DescribeAsync(found, grace, ct);
            if (!c.DryRun)
            {
                // What is noted now is for a later collection: somebody may be about to commit it.
                var freedNow = await FreeAsync(all, grace, ct);
                await unused.NoteAsync(found.Where(o => !freedNow.Contains(o.Key)).ToDictionary(StringComparer.Ordinal), ct);
                var noted = await DescribeAsync(found, grace, ct);
                all = noted.ConvertAll(o => o with { Freed = freedNow.Contains(o.Sha256) });
            }

            all.Sort((a, b) => (b.Freed, a.FreeFrom ?? DateTimeOffset.MaxValue, a.Sha256)
                .CompareTo((a.Freed, b.FreeFrom ?? DateTimeOffset.MaxValue, b.Sha256)));
            var freed = all.FindAll(o => o.Freed);
            return new Answer(
                c.DryRun, all.Count, all.Sum(o => o.Bytes), freed.Count, freed.Sum(o => o.Bytes), [.. all.Take(MostListed)]);
        }

        private async Task<Dictionary<string, long>> FindAsync(CancellationToken ct)
        {
            var found = new Dictionary<string, long>(StringComparer.Ordinal);
            await foreach (var some in objects.ListAsync(ContentStore.KeyPrefix, after: null, ct).Chunk(LookedUp).WithCancellation(ct))
            {
                var bytes = some.Where(o => ContentStore.DigestOf(o.Key) is not null)
                    .ToDictionary(o => ContentStore.DigestOf(o.Key) ?? "", o => o.Bytes, StringComparer.Ordinal);
                foreach (var sha256 in await unused.UnlistedAsync(bytes.Keys, ct))
                    found.Add(sha256, bytes[sha256]);
            }

            return found;
        }

        /// <summary>With what is ripe as freed.</summary>
        private async Task<List<Unused>> DescribeAsync(Dictionary<string, long> found, TimeSpan grace, CancellationToken ct)
        {
            var (noted, now) = await unused.NotedAsync(ct);
            return
            [
                .. found.Select(o => noted.TryGetValue(o.Key, out var since)
                    ? new Unused(o.Key, o.Value, since, since + grace, Freed: since + grace <= now)
                    : new Unused(o.Key, o.Value, Since: null, FreeFrom: null, Freed: false)),
            ];
        }

        /// <summary>What somebody committed meanwhile stays, and is not among what is given back.</summary>
        private async Task<HashSet<string>> FreeAsync(List<Unused> all, TimeSpan grace, CancellationToken ct)
        {
            var freed = new HashSet<string>(StringComparer.Ordinal);
            foreach (var some in all.Where(o => o.Freed).Select(o => o.Sha256).Chunk(FreedTogether))
            {
                freed.UnionWith(await unused.FreeAsync(
                    some, grace, (sha256, token) => objects.DeleteAsync(ContentStore.KeyOf(sha256), token), ct));
            }

            return freed;
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/garbage/collect",
                async (Body body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(body.DryRun, body.GraceSeconds ?? DefaultGraceSeconds), ct)).ToHttp())
            .Answers<Answer>("CollectGarbage", "Free the objects that no version has", also: ProblemKind.Unavailable);
}
