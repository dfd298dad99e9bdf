using System.Text;
using Catalog.Platform.Http;
using Catalog.Server.Doors.Online;
using Catalog.Serving;
using Catalog.Serving.Metrics;

namespace Catalog.Server.Doors.Lookup;

/// <summary>Answers the message <c>LookupRequest</c>, by whatever way it came, and remembers how questions are answered.</summary>
internal sealed class LookupPlans
{
    private readonly AskedBefore<LookupPlan> _asked = new();

    /// <returns>The message <c>LookupAnswer</c>.</returns>
    /// <exception cref="ProblemException">Nothing can be answered; the message says why.</exception>
    public async ValueTask<AnswerBuffer> AnswerAsync(
        ReadOnlyMemory<byte> request, string? ns, OnlineFeatures online, ServingDoor door, CancellationToken ct)
    {
        var (plan, known, receipt) = PlanOf(request.Span, ns, online);
        var begun = online.Begin(plan.Read, door);
        using var read = begun.Succeeded ? begun.Value : throw new ProblemException(begun.Problem);
        using var keys = PooledKeys.Take();
        LookupRequest.ReadKeys(request.Span, plan, keys.Columns);
        keys.Columns.Fill(read);
        if (await online.ReadAsync(read, ct) is { } problem)
            throw new ProblemException(problem);

        var answer = AnswerBuffer.Take();
        LookupAnswer.Write(answer, plan, read, known, receipt);
        return answer;
    }

    private (LookupPlan Plan, ulong KnownSchema, bool Receipt) PlanOf(ReadOnlySpan<byte> message, string? ns, OnlineFeatures online)
    {
        var request = LookupRequest.Of(message);
        var state = online.Current;
        if (_asked.Find(state, request.Question, ns, request.IsService) is { } known)
            return (known, request.Schema, request.Receipt);

        var found = request.IsService
            ? online.Plan(FeatureNames.Service(Encoding.UTF8.GetString(request.Question), ns, state))
            : online.Plan([.. LookupRequest.Names(request.Question).Select(f => FeatureNames.Feature(f, ns, state))]);
        var plan = LookupPlan.Of(found.Succeeded ? found.Value : throw new ProblemException(found.Problem));
        _asked.Keep(state, request.Question, ns, request.IsService, plan);
        return (plan, request.Schema, request.Receipt);
    }
}
