using System.Text.Json;
using Catalog.Platform.Http;
using Catalog.Server.Doors.Online;
using Catalog.Serving;
using Catalog.Serving.Metrics;
using Microsoft.AspNetCore.Http;

namespace Catalog.Server.Doors.Feast;

/// <summary>
/// <c>POST /get-online-features</c>. What the body says counts, and not what its content type does: clients send all kinds.
/// </summary>
internal sealed class FeastReads
{
    private readonly AskedBefore<FeastPlan> _asked = new();

    /// <exception cref="ProblemException">Nothing can be answered; the message says why.</exception>
    public async Task AnswerAsync(HttpContext http, OnlineFeatures online)
    {
        using var answer = AnswerBuffer.Take();
        var isStale = await WriteAsync(answer, http, online);
        await OnlineAnswers.SendAsync(http.Response, answer, isStale, http.RequestAborted);
    }

    /// <summary>The lookup ends here: the way to the caller is not ours, and keeps no other out.</summary>
    /// <returns>Whether something may be older than what the catalog has.</returns>
    private async ValueTask<bool> WriteAsync(AnswerBuffer answer, HttpContext http, OnlineFeatures online)
    {
        var ct = http.RequestAborted;
        using var body = await PooledBody.ReadAsync(http.Request, ct);
        using var call = FeastCall.Take();
        var plan = PlanOf(body.Span, call.Body, AskedNamespace.Of(http.Request), online);
        var begun = online.Begin(plan.Read, ServingDoor.Feast);
        using var read = begun.Succeeded ? begun.Value : throw new ProblemException(begun.Problem);
        call.ReadKeys(body.Span, plan);
        call.Keys.Fill(read);
        if (await online.ReadAsync(read, ct) is { } problem)
            throw new ProblemException(problem);
        call.Answer.Write(answer, plan, read, call.Keys);
        ObligedHeaders.Write(http.Response, read, plan.Names);
        return read.IsStale;
    }

    private FeastPlan PlanOf(ReadOnlySpan<byte> body, FeastBody places, string? ns, OnlineFeatures online)
    {
        places.Find(body);
        var state = online.Current;
        var isService = !FeastBody.IsEmpty(places.Service);
        var question = body[isService ? places.Service : places.Features];
        if (_asked.Find(state, question, ns, places.FullFeatureNames) is { } known)
            return known;

        var found = isService
            ? online.Plan(FeatureNames.Service(JsonSerializer.Deserialize<string>(question) ?? "", ns, state))
            : online.Plan([.. (JsonSerializer.Deserialize<string[]>(question) ?? []).Select(f => FeatureNames.Feature(f, ns, state))]);
        var plan = FeastPlan.Of(found.Succeeded ? found.Value : throw new ProblemException(found.Problem), places.FullFeatureNames);
        _asked.Keep(state, question, ns, places.FullFeatureNames, plan);
        return plan;
    }
}
