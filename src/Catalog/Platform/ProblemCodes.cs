using System.Collections.Frozen;

namespace Catalog.Platform;

/// <summary>
/// Every problem code the catalog answers with, and its kind. docs/errors.md explains each; a test keeps the two in step.
/// </summary>
public static class ProblemCodes
{
    public static FrozenDictionary<string, ProblemKind> All { get; } = new Dictionary<string, ProblemKind>(StringComparer.Ordinal)
    {
        ["request.invalid"] = ProblemKind.Invalid,
        ["request.malformed"] = ProblemKind.Invalid,
        ["request.too_large"] = ProblemKind.TooLarge,
        ["request.not_found"] = ProblemKind.NotFound,
        ["request.method_not_allowed"] = ProblemKind.MethodNotAllowed,
        ["request.unsupported_media_type"] = ProblemKind.UnsupportedMediaType,
        ["request.too_slow"] = ProblemKind.TooSlow,
        ["request.precondition_failed"] = ProblemKind.PreconditionFailed,
        ["name.invalid"] = ProblemKind.Invalid,
        ["cursor.invalid"] = ProblemKind.Invalid,
        ["access.unauthenticated"] = ProblemKind.Unauthenticated,
        ["access.key_unknown"] = ProblemKind.Unauthenticated,
        ["access.key_expired"] = ProblemKind.Unauthenticated,
        ["access.key_revoked"] = ProblemKind.Unauthenticated,
        ["access.denied"] = ProblemKind.Forbidden,
        ["access.purpose_unknown"] = ProblemKind.Invalid,
        ["url.expired"] = ProblemKind.Forbidden,
        ["url.altered"] = ProblemKind.Forbidden,
        ["key.not_found"] = ProblemKind.NotFound,
        ["dataset.not_found"] = ProblemKind.NotFound,
        ["dataset.exists"] = ProblemKind.Conflict,
        ["dataset.retired"] = ProblemKind.Conflict,
        ["column.not_found"] = ProblemKind.NotFound,
        ["version.not_found"] = ProblemKind.NotFound,
        ["version.parent_conflict"] = ProblemKind.Conflict,
        ["version.key_reused"] = ProblemKind.Conflict,
        ["version.not_sealed"] = ProblemKind.Conflict,
        ["schema.breaking"] = ProblemKind.Conflict,
        ["schema.inconsistent"] = ProblemKind.Unprocessable,
        ["alias.not_found"] = ProblemKind.NotFound,
        ["file.not_found"] = ProblemKind.Unprocessable,
        ["file.not_in_version"] = ProblemKind.NotFound,
        ["file.outside_roots"] = ProblemKind.Unprocessable,
        ["file.not_regular"] = ProblemKind.Unprocessable,
        ["file.unreadable"] = ProblemKind.Unprocessable,
        ["file.changed"] = ProblemKind.Unprocessable,
        ["file.not_parquet"] = ProblemKind.Unprocessable,
        ["columns.none"] = ProblemKind.Unprocessable,
        ["columns.token_mismatch"] = ProblemKind.Conflict,
        ["sharing.unsupported"] = ProblemKind.Invalid,
        ["scan.bad_columns"] = ProblemKind.Invalid,
        ["scan.bad_condition"] = ProblemKind.Invalid,
        ["scan.bad_request"] = ProblemKind.Invalid,
        ["scan.schemas_differ"] = ProblemKind.Unprocessable,
        ["scan.unsupported"] = ProblemKind.Unprocessable,
        ["file.bad_name"] = ProblemKind.Invalid,
        ["file.path_invalid"] = ProblemKind.Invalid,
        ["file.path_duplicate"] = ProblemKind.Invalid,
        ["object.not_found"] = ProblemKind.Unprocessable,
        ["object.digest_mismatch"] = ProblemKind.Unprocessable,
        ["manifest.damaged"] = ProblemKind.Internal,
        ["storage.shared"] = ProblemKind.Conflict,
        ["storage.full"] = ProblemKind.Unavailable,
        ["storage.unavailable"] = ProblemKind.Unavailable,
        ["job.not_found"] = ProblemKind.NotFound,
        ["run.not_found"] = ProblemKind.NotFound,
        ["run.exists"] = ProblemKind.Conflict,
        ["run.ended"] = ProblemKind.Conflict,
        ["run.too_many_reads"] = ProblemKind.Conflict,
        ["run.parameter_changed"] = ProblemKind.Conflict,
        ["model.not_found"] = ProblemKind.NotFound,
        ["model.exists"] = ProblemKind.Conflict,
        ["model.retired"] = ProblemKind.Conflict,
        ["model.deployed"] = ProblemKind.Conflict,
        ["node.invalid"] = ProblemKind.Invalid,
        ["edge.not_found"] = ProblemKind.NotFound,
        ["node.not_found"] = ProblemKind.NotFound,
        ["search.too_broad"] = ProblemKind.Unprocessable,
        ["catalog.busy"] = ProblemKind.Unavailable,
        ["catalog.internal"] = ProblemKind.Internal,
        ["catalog.database_unavailable"] = ProblemKind.Unavailable,
        ["catalog.position_not_reached"] = ProblemKind.Unavailable,
        ["catalog.position_unknown"] = ProblemKind.Invalid,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <exception cref="ArgumentException">The code is not in <see cref="All"/>: a refusal without documentation is a bug.</exception>
    public static ProblemKind KindOf(string code) =>
        All.TryGetValue(code, out var kind)
            ? kind
            : throw new ArgumentException($"'{code}' is not a documented problem code.", nameof(code));
}
