using System.Globalization;
using System.Text.Json;
using Catalog.Features;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Server.Doors.Online;
using Catalog.Serving;
using Catalog.Serving.Materialization;
using MediatR;
using Microsoft.AspNetCore.Http;

namespace Catalog.Server.Doors.Feast;

/// <summary>
/// <c>POST /materialize</c> and <c>POST /materialize-incremental</c>: a generation of each view, of events up to <c>end_ts</c>. It is done
/// when the answer comes. A generation is of all events before its end, so <c>start_ts</c> says nothing, and every one is incremental where
/// it can be.
/// </summary>
internal static class FeastMaterialize
{
    private const int MostViews = 1_000;

    public static async Task<IResult> AnswerAsync(HttpContext http, OnlineFeatures online, IMediator mediator)
    {
        using var body = await FeastWrites.ReadAsync(http);
        var end = EndOf(body.RootElement);
        var views = await ViewsAsync(body.RootElement, AskedNamespace.Of(http.Request), online, mediator, http.RequestAborted);
        foreach (var view in views)
        {
            var wanted = new MaterializeFeatures.Body(view, AsOf: end);
            if (await mediator.Send(new MaterializeFeatures.Command(wanted, Progress: null), http.RequestAborted)
                is { Succeeded: false, Problem: { } problem })
                throw new ProblemException(problem);
        }

        return string.Equals(http.Request.Query["async"], "true", StringComparison.OrdinalIgnoreCase)
            ? Results.Json(
                new { status = "accepted", feature_views = views.Select(v => v.Name) }, statusCode: StatusCodes.Status202Accepted)
            : Results.Text("null", "application/json");
    }

    private static async Task<IReadOnlyList<NodeId>> ViewsAsync(
        JsonElement body, string? ns, OnlineFeatures online, IMediator mediator, CancellationToken ct)
    {
        const string Field = "feature_views";
        if (body.TryGetProperty(Field, out var named) && named.ValueKind == JsonValueKind.Array && named.GetArrayLength() > 0)
            return [.. named.EnumerateArray().Select(n => FeatureNames.View(Text(n, Field), ns, Field, online.Current))];
        if (ns is null)
            throw Wrong(Field, $"'{Field}' must name views; or name a namespace with ?project=, and all of its views are meant.");
        var listed = await mediator.Send(new ListFeatureViews.Query(ns, new PageRequest(MostViews, After: null, AtLeast: null)), ct);
        return listed.Succeeded
            ? [.. listed.Value.Items.Where(i => !i.Retired).Select(i => NodeId.FeatureView(i.Namespace, i.Name))]
            : throw new ProblemException(listed.Problem);
    }

    private static DateTimeOffset? EndOf(JsonElement body)
    {
        const string Field = "end_ts";
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (!body.TryGetProperty(Field, out var end) || end.ValueKind == JsonValueKind.Null)
            return null;
        return DateTimeOffset.TryParse(Text(end, Field), CultureInfo.InvariantCulture, Utc, out var time)
            ? time
            : throw Wrong(Field, $"'{Field}' must be a time such as \"2026-11-26T14:02:00\", in UTC.");
    }

    private static string Text(JsonElement value, string field) => value.ValueKind == JsonValueKind.String
        ? value.GetString() ?? ""
        : throw Wrong(field, $"'{field}' must be text.");

    private static ProblemException Wrong(string field, string what) => new(Problem.Field("request.invalid", field, what));
}
