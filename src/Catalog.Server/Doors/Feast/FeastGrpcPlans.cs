using System.Text;
using Catalog.Platform.Http;
using Catalog.Server.Doors.Online;
using Catalog.Serving;
using Catalog.Serving.Metrics;
using Microsoft.AspNetCore.Http;

namespace Catalog.Server.Doors.Feast;

/// <summary>Answers the message <c>GetOnlineFeaturesRequest</c>, and remembers how questions are answered.</summary>
internal sealed class FeastGrpcPlans
{
    private readonly AskedBefore<FeastPlan> _services = new();
    private readonly AskedBefore<FeastPlan> _features = new();

    /// <returns>The message <c>GetOnlineFeaturesResponse</c>.</returns>
    /// <exception cref="ProblemException">Nothing can be answered; the message says why.</exception>
    public async ValueTask<AnswerBuffer> AnswerAsync(PooledBody request, HttpContext http, OnlineFeatures online, CancellationToken ct)
    {
        var plan = PlanOf(request.Span, AskedNamespace.Of(http.Request), online);
        var begun = online.Begin(plan.Read, ServingDoor.FeastGrpc);
        using var read = begun.Succeeded ? begun.Value : throw new ProblemException(begun.Problem);
        using var call = FeastCall.Take();
        FeastRequest.ReadKeys(request.Span, plan, call.Keys);
        call.Keys.Fill(read);
        if (await online.ReadAsync(read, ct) is { } problem)
            throw new ProblemException(problem);

        var answer = AnswerBuffer.Take();
        call.ProtoAnswer.Write(answer, plan, read, call.Keys);
        ObligedHeaders.Write(http.Response, read, plan.Names);
        return answer;
    }

    private FeastPlan PlanOf(ReadOnlySpan<byte> message, string? ns, OnlineFeatures online)
    {
        var request = FeastRequest.Of(message);
        var asked = request.IsService ? _services : _features;
        var state = online.Current;
        if (asked.Find(state, request.Question, ns, request.FullFeatureNames) is { } known)
            return known;

        var found = request.IsService
            ? online.Plan(FeatureNames.Service(Encoding.UTF8.GetString(request.Question), ns, state))
            : online.Plan([.. Lookup.LookupRequest.Names(request.Question).Select(f => FeatureNames.Feature(f, ns, state))]);
        var plan = FeastPlan.Of(found.Succeeded ? found.Value : throw new ProblemException(found.Problem), request.FullFeatureNames);
        asked.Keep(state, request.Question, ns, request.FullFeatureNames, plan);
        return plan;
    }
}
