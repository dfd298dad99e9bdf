using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Catalog.Platform.Http;

/// <summary>Turns outcomes into HTTP: values as JSON, problems as RFC 9457 problem details.</summary>
public static class HttpAnswers
{
    /// <summary>Carries the log position of a write, or the one a read was answered at.</summary>
    public const string PositionHeader = "Catalog-Position";

    public static IResult ToHttp<T>(this Outcome<T> outcome, bool created = false)
        where T : class => outcome switch
        {
            { Succeeded: false } => new ProblemAnswer(outcome.Problem),
            { Value: Receipt receipt } => new ReceiptAnswer(receipt),
            _ => TypedResults.Json(outcome.Value, statusCode: created ? StatusCodes.Status201Created : StatusCodes.Status200OK),
        };

    /// <summary>A value that says what was taken: 202.</summary>
    public static IResult ToAccepted<T>(this Outcome<T> outcome)
        where T : class => outcome.Succeeded
            ? TypedResults.Json(outcome.Value, statusCode: StatusCodes.Status202Accepted)
            : new ProblemAnswer(outcome.Problem);

    /// <summary>A value with the number of its facts as <c>ETag</c>.</summary>
    public static IResult ToHttp<T>(this Outcome<T> outcome, Func<T, long> streamVersion)
        where T : class => outcome.Succeeded
            ? new TaggedAnswer<T>(outcome.Value, streamVersion(outcome.Value))
            : new ProblemAnswer(outcome.Problem);

    public static ProblemDetails ToDetails(this Problem problem)
    {
        var details = new ProblemDetails
        {
            Type = $"urn:catalog:problem:{problem.Code}",
            Title = problem.Kind.ToString(),
            Status = (int)problem.Kind,
            Detail = problem.Detail,
        };
        details.Extensions["code"] = problem.Code;
        if (problem.Errors is not null)
            details.Extensions["errors"] = problem.Errors;
        return details;
    }

    private static string ETag(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    /// <summary>201 where something new was made, else 200.</summary>
    private sealed class ReceiptAnswer(Receipt receipt) : IResult
    {
        public Task ExecuteAsync(HttpContext http)
        {
            http.Response.StatusCode = receipt.Changed && HttpMethods.IsPost(http.Request.Method)
                ? StatusCodes.Status201Created
                : StatusCodes.Status200OK;
            http.Response.Headers[PositionHeader] = receipt.Position.ToString(CultureInfo.InvariantCulture);
            http.Response.Headers.ETag = ETag(receipt.StreamVersion);
            return http.Response.WriteAsJsonAsync(receipt, receipt.GetType(), http.RequestAborted);
        }
    }

    private sealed class TaggedAnswer<T>(T value, long version) : IResult
    {
        public Task ExecuteAsync(HttpContext http)
        {
            var tag = ETag(version);
            http.Response.Headers.ETag = tag;
            if (EntityTags.Names(http.Request.Headers.IfNoneMatch, tag))
            {
                http.Response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }

            return http.Response.WriteAsJsonAsync(value, http.RequestAborted);
        }
    }
}

/// <summary>A problem on the wire.</summary>
public sealed class ProblemAnswer(Problem problem) : IResult
{
    public Problem Problem { get; } = problem;

    public Task ExecuteAsync(HttpContext http)
    {
        http.Response.StatusCode = (int)Problem.Kind;
        if (Problem.Kind is ProblemKind.Unavailable or ProblemKind.TooManyRequests)
            http.Response.Headers.RetryAfter = Problem.RetrySeconds;
        if (Problem.Kind is ProblemKind.Unauthenticated)
            http.Response.Headers.WWWAuthenticate = "Bearer realm=\"catalog\"";
        return http.Response.WriteAsJsonAsync(Problem.ToDetails(), options: null, "application/problem+json", http.RequestAborted);
    }
}
