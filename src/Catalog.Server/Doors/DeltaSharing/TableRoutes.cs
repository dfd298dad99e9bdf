using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Sharing;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Server.Doors.DeltaSharing;

/// <summary>One table: its version, its schema, its files.</summary>
internal static class TableRoutes
{
    private const string Table = "/shares/{share}/schemas/{schema}/tables/{table}";

    public static void Map(IEndpointRouteBuilder door)
    {
        door.MapGet(Table + "/version", VersionAsync);
        door.MapMethods(Table, [HttpMethods.Head], VersionAsync); // what clients asked before 2023
        door.MapGet(Table + "/metadata", MetadataAsync);
        door.MapPost(Table + "/query", QueryAsync);
        door.MapGet(Table + "/changes", () => new SharingRefusal(SharingRefusal.Unsupported(
            "The changes of a table are not shared: query a version instead.")));
        door.MapPost(Table + "/temporary-table-credentials", () => new SharingRefusal(SharingRefusal.Unsupported(
            "Tables are read by the addresses of their files (access mode 'url'), not from a folder.")));
    }

    private static async Task<IResult> VersionAsync(
        string share, string schema, string table, HttpContext http, IMediator mediator, CancellationToken ct)
    {
        var since = QueryWords.Text(http.Request.Query, "startingTimestamp") is { } text
            ? QueryBody.Time(text, "startingTimestamp")
            : (DateTimeOffset?)null;
        var found = await mediator.Send(Ask(share, schema, table, new TableMoment(Since: since)), ct);
        if (!found.Succeeded)
            return new SharingRefusal(found.Problem);
        TableLines.TellVersion(http.Response, found.Value);
        return Results.Ok();
    }

    private static async Task<IResult> MetadataAsync(
        string share, string schema, string table, HttpContext http, IMediator mediator, CancellationToken ct)
    {
        var query = http.Request.Query;
        long? number = query.ContainsKey("version") ? PageRequest.Number(query, "version", 0L, 0L, long.MaxValue) : null;
        var asOf = QueryWords.Text(query, "timestamp") is { } text ? QueryBody.Time(text, "timestamp") : (DateTimeOffset?)null;
        if (number is not null && asOf is not null)
            return new SharingRefusal(Problem.Of("request.invalid", "'version' and 'timestamp' cannot both be given."));
        var found = await mediator.Send(Ask(share, schema, table, new TableMoment(number, asOf)), ct);
        if (!found.Succeeded)
            return new SharingRefusal(found.Problem);
        var shown = await mediator.Send(new ShowTable.Query(found.Value), ct);
        return shown.Succeeded
            ? new TableLines(shown.Value, Capabilities.Of(http.Request)) { OfAVersion = number is not null || asOf is not null }
            : new SharingRefusal(shown.Problem);
    }

    private static async Task<IResult> QueryAsync(
        string share, string schema, string table, HttpContext http, IMediator mediator, CancellationToken ct)
    {
        var body = await QueryBody.ReadAsync(http);
        var found = await mediator.Send(Ask(share, schema, table, body.Moment()), ct);
        if (!found.Succeeded)
            return new SharingRefusal(found.Problem);

        var token = body.TokenFor(TableIds.Of(found.Value.Version), found.Value.Page.Number);

        // Rows are counted before the client leaves some out, so they are only enough where it leaves out none.
        var where = JsonPredicates.Read(body.JsonPredicateHints, TableFormats.SchemaOf(found.Value));
        var rows = body.JsonPredicateHints is null && body.PredicateHints is null or { Count: 0 } ? body.LimitHint : null;
        var files = await mediator.Send(new QueryTable.Query(found.Value, where, rows), ct);
        return files.Succeeded
            ? new TableLines(files.Value.Table, Capabilities.Of(http.Request))
            {
                Files = files.Value,
                OfAVersion = body.NamesVersion,
                RefreshToken = token,
            }
            : new SharingRefusal(files.Problem);
    }

    private static FindTable.Query Ask(string share, string schema, string table, TableMoment moment)
    {
        Share.Demand(share);
        return SharingNames.Read(schema) is { } ns && SharingNames.Read(table) is { } name
            ? new FindTable.Query(ns, name, moment)
            : throw new ProblemException(Problem.Of("dataset.not_found", $"There is no table '{schema}.{table}'."));
    }
}
