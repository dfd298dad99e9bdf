using System.Text.Json;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Server.Doors.Online;
using Catalog.Serving;
using Catalog.Serving.Pushing;
using MediatR;
using Microsoft.AspNetCore.Http;

namespace Catalog.Server.Doors.Feast;

/// <summary>
/// <c>POST /push</c> and <c>POST /write-to-online-store</c>: rows that a view serves from then on. A push source is the view that it feeds.
/// What is pushed becomes a version of the view's dataset when the view is materialised, so it reaches the offline store, too.
/// </summary>
internal static class FeastWrites
{
    public static async Task<IResult> PushAsync(HttpContext http, OnlineFeatures online, IMediator mediator)
    {
        using var body = await ReadAsync(http);
        var to = body.RootElement.TryGetProperty("to", out var given) ? given.GetString() : "online";
        if (to is not ("online" or "online_and_offline"))
        {
            throw Wrong("to", $"'to' must be online or online_and_offline, not '{to}': what is to be read offline alone is committed as a "
                + "version of the dataset.");
        }

        await StoreAsync(http, body.RootElement, "push_source_name", online, mediator);
        return Results.Ok();
    }

    public static async Task<IResult> WriteAsync(HttpContext http, OnlineFeatures online, IMediator mediator)
    {
        using var body = await ReadAsync(http);
        await StoreAsync(http, body.RootElement, "feature_view_name", online, mediator);
        return Results.Text("null", "application/json");
    }

    /// <summary>Stores the rows of a data frame.</summary>
    /// <exception cref="ProblemException">They are none of the view, or may not be pushed.</exception>
    public static async Task StoreAsync(
        NodeId view, IReadOnlyDictionary<string, IReadOnlyList<JsonElement>> columns, OnlineFeatures online, IMediator mediator,
        CancellationToken ct)
    {
        var found = online.Current.FindView(view);
        var served = found.Succeeded ? found.Value : throw new ProblemException(found.Problem);
        var rows = new FeastFrame(columns, served).ToRows();
        var command = new PushRows.Command(served.Node.Namespace, served.Node.Name, served.Node.Version, new PushRows.Body(rows));
        if (await mediator.Send(command, ct) is { Succeeded: false, Problem: { } problem })
            throw new ProblemException(problem);
    }

    /// <summary>The body, whatever its content type says.</summary>
    public static async Task<JsonDocument> ReadAsync(HttpContext http)
    {
        var body = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
        if (body.RootElement.ValueKind == JsonValueKind.Object)
            return body;
        body.Dispose();
        throw Wrong("body", "The body must be a JSON object.");
    }

    private static Task StoreAsync(HttpContext http, JsonElement body, string field, OnlineFeatures online, IMediator mediator)
    {
        if (!body.TryGetProperty(field, out var name) || name.ValueKind != JsonValueKind.String)
            throw Wrong(field, $"'{field}' must be the name of a feature view.");
        var view = FeatureNames.View(name.GetString() ?? "", AskedNamespace.Of(http.Request), field, online.Current);
        return StoreAsync(view, FeastFrame.Read(body), online, mediator, http.RequestAborted);
    }

    private static ProblemException Wrong(string field, string what) => new(Problem.Field("request.invalid", field, what));
}
