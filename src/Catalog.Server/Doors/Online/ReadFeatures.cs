using System.Runtime.InteropServices;
using System.Text.Json;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Serving;
using Catalog.Serving.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Server.Doors.Online;

/// <summary>
/// <c>POST /v1/features/read</c>: features by their keys, in our own JSON. It stands beside the other doors of online serving, whose
/// writers it shares, and like them passes through nothing but the gate.
/// </summary>
internal static class ReadFeatures
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/features/read",
                (FeatureQuestion question, HttpContext http, OnlineFeatures online, CancellationToken ct) =>
                    AnswerAsync(question, http, online, ct))
            .Reads(AskedNamespace.Described)
            .Answers<FeatureValues>(
                "ReadFeatures", "Read the values of features by their keys", also: [ProblemKind.NotFound, ProblemKind.Unprocessable]);

    private static async Task AnswerAsync(FeatureQuestion question, HttpContext http, OnlineFeatures online, CancellationToken ct)
    {
        using var answer = AnswerBuffer.Take();
        var isStale = await WriteAsync(answer, question, http, online, ct);
        await OnlineAnswers.SendAsync(http.Response, answer, isStale, ct);
    }

    /// <summary>The lookup ends here: the way to the caller is not ours, and keeps no other out.</summary>
    /// <returns>Whether something may be older than what the catalog has.</returns>
    private static async ValueTask<bool> WriteAsync(
        AnswerBuffer answer, FeatureQuestion question, HttpContext http, OnlineFeatures online, CancellationToken ct)
    {
        var plan = FeatureNames.Plan(question.Service, question.Features, AskedNamespace.Of(http.Request), online);
        var begun = online.Begin(plan, ServingDoor.Json);
        using var read = begun.Succeeded ? begun.Value : throw new ProblemException(begun.Problem);
        using var keys = PooledKeys.Take();
        ReadKeys(question, plan, keys.Columns);
        keys.Columns.Fill(read);
        if (await online.ReadAsync(read, ct) is { } problem)
            throw new ProblemException(problem);
        FeatureValuesJson.Write(answer, read, question.Receipt);
        return read.IsStale;
    }

    private static void ReadKeys(FeatureQuestion question, ReadPlan plan, KeyColumns into)
    {
        into.Begin(plan, "keys");
        foreach (var (name, values) in question.Keys)
        {
            var key = Enumerable.Range(0, plan.Keys.Count).FirstOrDefault(k => plan.Keys[k].Name == name, -1);
            if (key < 0)
                throw into.Unknown(name);
            var json = new Utf8JsonReader(JsonMarshal.GetRawUtf8Value(values));
            JsonKeys.Read(ref json, into.Add(key));
        }

        into.Complete();
    }
}
