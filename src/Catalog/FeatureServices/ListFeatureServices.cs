using System.Text.Json.Serialization;
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

namespace Catalog.FeatureServices;

/// <summary>Lists feature services by name, each as its newest version has it.</summary>
public static class ListFeatureServices
{
    public sealed record Query(string? Namespace, PageRequest Page) : IRequest<Outcome<Page<Item>>>;

    /// <param name="Node">The service's node.</param>
    /// <param name="Namespace">Of the service.</param>
    /// <param name="Name">Of the service.</param>
    /// <param name="Owner">Who answers for it.</param>
    /// <param name="Description">What it is.</param>
    /// <param name="Tags">That it carries.</param>
    /// <param name="Latest">Highest version number.</param>
    /// <param name="Hash">Of that version's definition.</param>
    /// <param name="Views">Whose features it serves, by number.</param>
    /// <param name="LatencyTarget">What 99 of 100 lookups are to stay within; null for none.</param>
    /// <param name="Availability">The part of lookups that is to be answered; null for none.</param>
    /// <param name="Retired">Whether it takes no more changes.</param>
    /// <param name="UpdatedAt">When anything last changed.</param>
    public sealed record Item(
        string Node, string Namespace, string Name, string Owner, string Description, IReadOnlyCollection<string> Tags, long Latest,
        string Hash, IReadOnlyList<NodeId> Views, [property: JsonConverter(typeof(SpanJsonConverter))] TimeSpan? LatencyTarget,
        double? Availability, bool Retired, DateTimeOffset UpdatedAt);

    internal sealed class Handler(IQuerySession pages, LineageSight sight, Gate gate) : IRequestHandler<Query, Outcome<Page<Item>>>
    {
        public async Task<Outcome<Page<Item>>> Handle(Query q, CancellationToken ct)
        {
            gate.Browse();
            var found = await pages.PageOfShownAsync<FeatureServicePage>(
                q.Page, services => q.Namespace is { } ns ? services.Where(v => v.Namespace == ns) : services,
                s => gate.Lets(Act.Read, NodeId.FeatureService(s.Namespace, s.Name), s.Tags), ct);
            return new Page<Item>([.. found.Items.Select(p => sight.ShowAll(Of(p)))], found.Next);
        }

        private static Item Of(FeatureServicePage page)
        {
            var (definition, hash) = (page.Versions[^1].Definition, page.Versions[^1].Hash);
            return new Item(
                page.Id, page.Namespace, page.Name, page.Owner, page.Description, page.Tags, page.Latest, hash,
                [.. definition.Views.Select(v => v.View)], definition.LatencyTarget, definition.Availability, page.Retired,
                page.UpdatedAt);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/feature-services",
                async (string? @namespace, PageRequest page, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(@namespace, page), ct)).ToHttp())
            .Answers<Page<Item>>("ListFeatureServices", "List feature services");
}
