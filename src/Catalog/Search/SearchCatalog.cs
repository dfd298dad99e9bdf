using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Projections;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Search;

/// <summary>
/// Searches everything in the catalog by words of names, columns, tags, owners and descriptions; also by words that begin so, or were
/// mistyped. What fits best comes first.
/// </summary>
public static class SearchCatalog
{
    /// <summary>The longest text that can be searched for, in UTF-16 code units.</summary>
    public const int MaxLength = 200;

    /// <param name="Text">The words, all of which must be there.</param>
    /// <param name="Kind">Only such things.</param>
    /// <param name="Namespace">Only in this namespace; runs are in their job's.</param>
    /// <param name="Tag">Only what has this tag, or a column that has it.</param>
    /// <param name="Owner">Only what this one owns.</param>
    /// <param name="Page">Which page.</param>
    public sealed record Query(string? Text, SearchKind? Kind, string? Namespace, string? Tag, string? Owner, PageRequest Page)
        : IRequest<Outcome<Page<Found>>>;

    /// <param name="Node">The thing.</param>
    /// <param name="Kind">What it is.</param>
    /// <param name="Namespace">Its namespace; of a run, its job's.</param>
    /// <param name="Name">Its name; of a run, its id.</param>
    /// <param name="Owner">Where one is known; several are separated by commas.</param>
    /// <param name="Retired">It takes no more changes; of a deployment, nothing serves there any more.</param>
    /// <param name="Score">From 0 to 1, to compare the things of one answer.</param>
    /// <param name="Matches">Where the words are.</param>
    public sealed record Found(
        NodeId Node, SearchKind Kind, string Namespace, string Name, string? Owner, bool Retired, double Score,
        IReadOnlyList<Match> Matches);

    /// <param name="In">What holds some of the words.</param>
    /// <param name="Text">It, whole; of a long description, a part.</param>
    /// <param name="Node">Of a column.</param>
    public sealed record Match(SearchField In, string Text, NodeId? Node);

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator() =>
            RuleFor(q => q.Text).Must(t => !string.IsNullOrWhiteSpace(t) && t.Length <= MaxLength)
                .OverridePropertyName("q").WithMessage($"must be given: the words to search for, of 1 to {MaxLength} characters.");
    }

    internal sealed class Handler(SearchIndex index, Gate gate, ProjectionProgress progress) : IRequestHandler<Query, Outcome<Page<Found>>>
    {
        public async Task<Outcome<Page<Found>>> Handle(Query q, CancellationToken ct)
        {
            var after = SearchCursor.Read(q.Page.After);
            gate.Browse();
            if (await progress.WaitForAllAsync(q.Page.AtLeast, ct) is { } late)
                return late;
            var question = new SearchQuestion(q.Text ?? "", q.Kind, q.Namespace, q.Tag, q.Owner);
            var hits = q.Page.Cut(await FindSeenAsync(question, after, q.Page.Limit + 1, ct), h => SearchCursor.Of(h).ToString());
            return new Page<Found>([.. hits.Items.Select(h => ToFound(question, h))], hits.Next);
        }

        /// <summary>What may not be seen is passed by: a search tells nobody what there is.</summary>
        private async Task<IReadOnlyList<SearchHit>> FindSeenAsync(
            SearchQuestion question, SearchCursor? after, int count, CancellationToken ct)
        {
            var seen = new List<SearchHit>();
            while (seen.Count < count)
            {
                var some = await index.FindAsync(question, after, count, ct);
                seen.AddRange(some.Where(h => gate.Lets(Act.Read, h.Entry.Node)));
                if (some.Count < count)
                    break;
                after = SearchCursor.Of(some[^1]);
            }

            return [.. seen.Take(count)];
        }

        private static Found ToFound(SearchQuestion question, SearchHit hit)
        {
            var entry = hit.Entry;
            var owner = string.Join(", ", entry.Owners);
            const int Tiers = (int)SearchTier.Near + 1;
            return new Found(
                entry.Node, entry.Kind, entry.Namespace, entry.Node.Name, owner.Length > 0 ? owner : null, entry.Retired,
                Math.Round((Tiers - 1 - (int)hit.Tier + hit.Score) / Tiers, 6), SearchMatches.Of(question, hit));
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/search",
                async (
                        string? q, QueryEnum<SearchKind> kind, string? @namespace, string? tag, string? owner, PageRequest page,
                        IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(q, kind.Value, @namespace, tag, owner, page), ct)).ToHttp())
            .Answers<Page<Found>>("SearchCatalog", "Search everything, what fits best first", also: ProblemKind.Unprocessable);
}
