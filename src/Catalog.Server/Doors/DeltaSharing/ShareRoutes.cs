using Catalog.Platform.Http;
using Catalog.Sharing;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Server.Doors.DeltaSharing;

/// <summary>What there is: shares, their schemas (namespaces), their tables (datasets).</summary>
internal static class ShareRoutes
{
    private static readonly string[] s_byAddress = ["url"];

    public static void Map(IEndpointRouteBuilder door)
    {
        door.MapGet("/shares", (SharingPage page) => page.Answer(Shares(page), share => share));
        door.MapGet("/shares/{share}", (string share) => SharingJson.Answer(new { Share = Share.Demand(share) }));
        door.MapGet("/shares/{share}/schemas", SchemasAsync);
        door.MapGet("/shares/{share}/all-tables", (string share, SharingPage page, IMediator mediator, CancellationToken ct) =>
            TablesAsync(Share.Demand(share), @namespace: null, page, mediator, ct));
        door.MapGet(
            "/shares/{share}/schemas/{schema}/tables",
            (string share, string schema, SharingPage page, IMediator mediator, CancellationToken ct) =>
                TablesAsync(Share.Demand(share), SharingNames.Read(schema) ?? schema, page, mediator, ct));
    }

    private static Page<Share> Shares(SharingPage page)
    {
        List<Share> behind = [.. Share.All.Where(s => string.CompareOrdinal(s.Name, page.After) > 0)];
        return behind.Count > page.Limit
            ? new Page<Share>(behind[..page.Limit], page.Limit == 0 ? "" : behind[page.Limit - 1].Name)
            : new Page<Share>(behind, Next: null);
    }

    private static async Task<IResult> SchemasAsync(string share, SharingPage page, IMediator mediator, CancellationToken ct)
    {
        var named = Share.Demand(share);
        var found = await mediator.Send(new ListTableNamespaces.Query(page.Limit, page.After), ct);
        return found.Succeeded
            ? page.Answer(found.Value, ns => SharingNames.Write(ns) is { } name ? new { Name = name, Share = named.Name } : null)
            : new SharingRefusal(found.Problem);
    }

    private static async Task<IResult> TablesAsync(
        Share share, string? @namespace, SharingPage page, IMediator mediator, CancellationToken ct)
    {
        var found = await mediator.Send(new ListTables.Query(@namespace, page.Limit, page.After), ct);
        return found.Succeeded
            ? page.Answer(found.Value, node => Shape(node, share))
            : new SharingRefusal(found.Problem);
    }

    private static TableShape? Shape(NodeId node, Share share) =>
        SharingNames.Write(node.Name) is { } name && SharingNames.Write(node.Namespace) is { } schema
            ? new TableShape(name, schema, share.Name, TableIds.Of(node), s_byAddress)
            : null;

    private sealed record TableShape(string Name, string Schema, string Share, Guid Id, IReadOnlyList<string> AccessModes);
}
