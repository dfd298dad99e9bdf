using Catalog.Access;
using Catalog.Features;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Server.Doors.Online;

/// <summary>
/// <c>POST /v1/features/locate</c>: which generations features are answered from now, for a process that maps them itself. All are of one
/// state: what was activated together is told together.
/// </summary>
internal static class LocateFeatures
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/features/locate",
                (FeatureSubject subject, HttpContext http, OnlineFeatures online, Gate gate) =>
                    Answer(subject, AskedNamespace.Of(http.Request), online, gate).ToHttp())
            .Reads(AskedNamespace.Described)
            .Answers<LocatedFeatures>(
                "LocateFeatures", "Find the generations that features are answered from",
                also: [ProblemKind.NotFound, ProblemKind.Conflict, ProblemKind.Unprocessable, ProblemKind.Unavailable]);

    private static Outcome<LocatedFeatures> Answer(FeatureSubject subject, string? ns, OnlineFeatures online, Gate gate)
    {
        if (gate.Ask(Act.Export, resource: null).Refusal is { } never)
            return never;
        if (!online.IsWarm)
            return Problem.Of("serving.unavailable", "This server does not know yet what serves: ask another, or again in a second.");
        var found = FeatureNames.Plan(subject.Service, subject.Features, ns, online);
        foreach (var view in found.Views)
        {
            if (gate.Ask(Act.Export, view.View.Node, view.View.Tags).Refusal is { } no)
                return no;
        }

        var views = new List<LocatedView>();
        foreach (var view in found.Views.Select(v => v.View))
        {
            if (view.Active is not { } active)
            {
                return Problem.Of(
                    "serving.not_materialized",
                    $"'{view.Node}' has no generation to map: materialise it with catalog feature materialize.");
            }

            views.Add(new(view.Node, NodeId.Generation(active.Id), active.Sha256, active.Bytes));
        }

        return new LocatedFeatures(
            [.. found.Features.Select(f => new LocatedFeature(f.View, f.Name, f.FullName, f.Feature.Type))], views, online.IsBehind);
    }
}

/// <summary>What is to be mapped.</summary>
/// <param name="Service">A feature service: namespace/name, or a name that one namespace has. Either this or features.</param>
/// <param name="Features">Features: view:feature or namespace/view:feature, with or without a version: view@2:feature.</param>
internal sealed record FeatureSubject(string? Service = null, IReadOnlyList<string>? Features = null);

/// <summary>Where features are.</summary>
/// <param name="Features">In the order asked.</param>
/// <param name="Views">That they are of.</param>
/// <param name="Stale">Whether something may be older than what the catalog has.</param>
internal sealed record LocatedFeatures(IReadOnlyList<LocatedFeature> Features, IReadOnlyList<LocatedView> Views, bool Stale);

/// <param name="View">Which of the views it is of, from 0.</param>
/// <param name="Name">Of the feature.</param>
/// <param name="FullName">With its view's, where features of several views may have the same.</param>
/// <param name="Type">As its definition has it.</param>
internal sealed record LocatedFeature(int View, string Name, string FullName, string Type);

/// <param name="Node">The version of the feature view.</param>
/// <param name="Generation">That serves it.</param>
/// <param name="Sha256">Of the generation's file.</param>
/// <param name="Bytes">Of the file.</param>
internal sealed record LocatedView(NodeId Node, NodeId Generation, string Sha256, long Bytes);
