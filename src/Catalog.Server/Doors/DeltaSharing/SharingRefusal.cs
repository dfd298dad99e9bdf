using Catalog.Platform;
using Microsoft.AspNetCore.Http;

namespace Catalog.Server.Doors.DeltaSharing;

/// <summary>
/// A problem as Delta Sharing has it: <c>{"errorCode":"…","message":"…"}</c>, with one of the statuses that its clients know.
/// </summary>
internal sealed class SharingRefusal(Problem problem) : IResult
{
    public static Problem Unsupported(string what) => Problem.Of("sharing.unsupported", what);

    public Task ExecuteAsync(HttpContext http)
    {
        var (status, code) = Of(problem);
        http.Response.StatusCode = status;
        if (status == StatusCodes.Status401Unauthorized)
            http.Response.Headers.WWWAuthenticate = "Bearer realm=\"catalog\"";
        if (status is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status429TooManyRequests)
            http.Response.Headers.RetryAfter = problem.RetrySeconds;
        return http.Response.WriteAsJsonAsync(new { errorCode = code, message = problem.Detail }, http.RequestAborted);
    }

    private static (int Status, string Code) Of(Problem problem) => problem.Kind switch
    {
        _ when problem.Code == "sharing.unsupported" => (StatusCodes.Status400BadRequest, "UNSUPPORTED_OPERATION"),
        _ when problem.Code == "request.malformed" => (StatusCodes.Status400BadRequest, "MALFORMED_REQUEST"),
        _ when problem.Code == "columns.none" => (StatusCodes.Status404NotFound, "RESOURCE_DOES_NOT_EXIST"),
        ProblemKind.Unauthenticated => (StatusCodes.Status401Unauthorized, "UNAUTHENTICATED"),
        ProblemKind.Forbidden => (StatusCodes.Status403Forbidden, "PERMISSION_DENIED"),
        ProblemKind.NotFound => (StatusCodes.Status404NotFound, "RESOURCE_DOES_NOT_EXIST"),
        ProblemKind.Internal => (StatusCodes.Status500InternalServerError, "INTERNAL_ERROR"),
        ProblemKind.Unavailable => (StatusCodes.Status503ServiceUnavailable, "TEMPORARILY_UNAVAILABLE"),
        ProblemKind.TooManyRequests => (StatusCodes.Status429TooManyRequests, "RESOURCE_EXHAUSTED"),
        _ => (StatusCodes.Status400BadRequest, "INVALID_PARAMETER_VALUE"),
    };
}
