using System.Globalization;

namespace Catalog.Platform;

/// <summary>
/// Why something was not done: RFC 9457 problem details in the making. <paramref name="Code"/> is stable and listed in docs/errors.md.
/// </summary>
public sealed record Problem(ProblemKind Kind, string Code, string Detail, IReadOnlyDictionary<string, string[]>? Errors = null)
{
    /// <summary>When it is worth asking again, where waiting is all that helps.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>As the header <c>Retry-After</c> has it: whole seconds, one at least.</summary>
    public string RetrySeconds => Math.Max(1, Math.Ceiling(RetryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture);

    public static Problem Refused(Decision.Refused refusal) => new(ProblemCodes.KindOf(refusal.Code), refusal.Code, refusal.Detail);

    public static Problem Of(string code, string detail) => new(ProblemCodes.KindOf(code), code, detail);

    public static Problem Field(string code, string field, string detail) =>
        new(ProblemCodes.KindOf(code), code, detail, new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [detail] });
}

/// <summary>The HTTP status of a problem, by what the caller can do about it.</summary>
public enum ProblemKind
{
    Invalid = 400,
    Unauthenticated = 401,
    Forbidden = 403,
    NotFound = 404,
    MethodNotAllowed = 405,
    TooSlow = 408,
    Conflict = 409,
    Gone = 410,
    PreconditionFailed = 412,
    TooLarge = 413,
    UnsupportedMediaType = 415,
    Unprocessable = 422,
    TooManyRequests = 429,
    Internal = 500,
    Unavailable = 503,
}
