using System.Text.Encodings.Web;
using System.Text.Json;
using Catalog.Platform;
using Microsoft.AspNetCore.Http;

namespace Catalog.Server.Doors.Feast;

/// <summary>
/// A problem as Feast has it: a string of JSON in which there is JSON, <c>{"module","class","message"}</c>. Its client makes the exception
/// of that class, so only classes are named that take a message alone; and it tries again on 5xx, so what the caller can help is none.
/// </summary>
internal sealed class FeastRefusal(Problem problem) : IResult
{
    private const string Module = "feast.errors";

    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public Task ExecuteAsync(HttpContext http)
    {
        var status = StatusOf(problem.Kind);
        http.Response.StatusCode = status;
        if (status == StatusCodes.Status401Unauthorized)
            http.Response.Headers.WWWAuthenticate = "Bearer realm=\"catalog\"";
        if (status is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status429TooManyRequests)
            http.Response.Headers.RetryAfter = problem.RetrySeconds;
        return http.Response.WriteAsJsonAsync(Detail(problem), s_json, http.RequestAborted);
    }

    /// <summary>The inner JSON; gRPC has it as the detail of the status.</summary>
    public static string Detail(Problem problem) => JsonSerializer.Serialize(
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["module"] = Module,
            ["class"] = ClassOf(problem),
            ["message"] = problem.Detail,
        },
        s_json);

    private static string ClassOf(Problem problem) => problem.Code switch
    {
        "feature_view.not_found" => "FeatureViewNotFoundException",
        "feature_service.not_found" => "FeatureServiceNotFoundException",
        _ when problem.Kind == ProblemKind.Forbidden => "FeastPermissionError",
        _ when problem.Kind == ProblemKind.NotFound => "FeastObjectNotFoundException",
        _ => "FeastError",
    };

    private static int StatusOf(ProblemKind kind) =>
        kind == ProblemKind.Invalid ? StatusCodes.Status422UnprocessableEntity : (int)kind;
}
