using Catalog.Access;
using Catalog.Lineage;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Projections;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Features;

/// <summary>Lists feature views by name, each as its newest version has it.</summary>
public static class ListFeatureViews
{
    public sealed record Query(string? Namespace, PageRequest Page) : IRequest<Outcome<Page<Item>>>;

    /// <param name="Node">The view's node.</param>
    /// <param name="Namespace">Of the view.</param>
    /// <param name="Name">Of the view.</param>
    /// <param name="Owner">Who answers for it.</param>
    /// <param name="Description">What it is.</param>
    /// <param name="Tags">That it carries.</param>
    /// <param name="Latest">Highest version number.</param>
    /// <param name="Hash">Of that version's definition.</param>
    /// <param name="Entities">Whose features they are.</param>
    /// <param name="Dataset">Where events come from.</param>
    /// <param name="Features">Their names, in order.</param>
    /// <param name="Retired">Whether it takes no more changes.</param>
    /// <param name="UpdatedAt">When anything last changed.</param>
    public sealed record Item(
        string Node, string Namespace, string Name, string Owner, string Description, IReadOnlyCollection<string> Tags, long Latest,
        string Hash, IReadOnlyList<string> Entities, NodeId Dataset, IReadOnlyList<string> Features, bool Retired,
        DateTimeOffset UpdatedAt);

    internal sealed class Handler(IQuerySession pages, LineageSight sight, Gate gate) : IRequestHandler<Query, Outcome<Page<Item>>>
    {
        public async Task<Outcome<Page<Item>>> Handle(Query q, CancellationToken ct)
        {
            gate.Browse();
            var found = await pages.PageOfShownAsync<FeatureViewPage>(
                q.Page, views => q.Namespace is { } ns ? views.Where(v => v.Namespace == ns) : views,
                v => gate.Lets(Act.Read, NodeId.FeatureView(v.Namespace, v.Name), v.Tags), ct);
            return new Page<Item>([.. found.Items.Select(p => sight.ShowAll(Of(p)))], found.Next);
        }

        private static Item Of(FeatureViewPage page)
        {
            var newest = page.Versions[^1];
            return new Item(
                page.Id, page.Namespace, page.Name, page.Owner, page.Description, page.Tags, page.Latest, newest.Hash,
                [.. newest.Definition.Entities.Select(e => e.Name)], newest.Definition.Source.Dataset,
                [.. newest.Definition.Features.Select(f => f.Name)], page.Retired, page.UpdatedAt);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/feature-views",
                async (string? @namespace, PageRequest page, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(@namespace, page), ct)).ToHttp())
            .Answers<Page<Item>>("ListFeatureViews", "List feature views");
}
