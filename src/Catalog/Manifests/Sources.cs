using Catalog.Integrity;
using Catalog.Platform;
using FluentValidation;

namespace Catalog.Manifests;

/// <summary>Whether a commit's files are the whole version, or come on top of the parent's.</summary>
public enum CommitMode
{
    Replace,
    Append,
}

/// <summary>One file of a commit: bytes uploaded before (<c>sha256</c>), or a file that stays where it is (<c>uri</c>).</summary>
/// <param name="Path">Logical path in the version, such as <c>2001/01.parquet</c>; a file registered in place has its own name unless
/// told.</param>
/// <param name="Uri"><c>file:///…</c> within the folders that the catalog may read.</param>
/// <param name="Sha256">Of the uploaded object; for a file in place, what it must still be.</param>
/// <param name="Bytes">What the size must be, where the caller knows it.</param>
public sealed record FileSource(string? Path = null, string? Uri = null, string? Sha256 = null, long? Bytes = null)
{
    internal sealed class Validator : AbstractValidator<FileSource>
    {
        public Validator()
        {
            RuleFor(f => f.Uri).NotNull().When(f => f.Sha256 is null)
                .WithMessage("or 'sha256' must be given: where the file lies, or what was uploaded.");
            RuleFor(f => f.Path).NotNull().When(f => f.Uri is null)
                .WithMessage("must be given for an uploaded object: it has no name of its own.");
            RuleFor(f => f.Path).IsLogicalPath().When(f => f.Path is not null);
            RuleFor(f => f.Sha256).Must(h => h is null || Integrity.Sha256.IsHash(h))
                .WithMessage("must be 64 lower-case hexadecimal digits.");
            RuleFor(f => f.Bytes).GreaterThanOrEqualTo(0).WithMessage("must be 0 or more.");
        }
    }
}

/// <summary>A folder whose files stay where they are.</summary>
/// <param name="Uri"><c>file:///…</c> within the folders that the catalog may read.</param>
/// <param name="Glob">Which files, such as <c>**/*.parquet</c>; all unless told.</param>
/// <param name="Prefix">Put before each logical path.</param>
public sealed record FolderSource(string Uri, string? Glob = null, string? Prefix = null)
{
    internal sealed class Validator : AbstractValidator<FolderSource>
    {
        public Validator()
        {
            RuleFor(f => f.Uri).NotEmpty();
            RuleFor(f => f.Prefix).Must(p => p is null || LogicalPath.Check(p.TrimEnd('/')) is null)
                .WithMessage("must be a relative path with '/' between its parts.");
            RuleFor(f => f.Glob).Must(g => g is null or { Length: > 0 and <= 1_000 })
                .WithMessage("must be a pattern such as '**/*.parquet'.");
        }
    }
}

/// <summary>How far reading and hashing has come.</summary>
public sealed record IntakeProgress(int Files, int TotalFiles, long Bytes, long TotalBytes);

internal static class PathRules
{
    public static IRuleBuilderOptionsConditions<T, string?> IsLogicalPath<T>(
        this IRuleBuilder<T, string?> rule) => rule.Custom((value, context) =>
    {
        if (LogicalPath.Check(value) is { } wrong)
            context.AddFailure($"{wrong}.");
    });
}
