using Catalog.Platform;
using FluentValidation;

namespace Catalog.Erasure;

/// <summary>Whose data is meant, and where the search begins.</summary>
/// <param name="Subject">
/// Values by column: a row is the subject's where any of these columns has the value, written as people write it (<c>4711</c>,
/// <c>2026-01-31</c>).
/// </param>
/// <param name="Within">Namespaces, or datasets as nodes, that the search begins in; all where left out. Lineage leads out of them.</param>
public sealed record ErasureRequest(IReadOnlyDictionary<string, string> Subject, IReadOnlyList<string>? Within = null)
{
    private const int MostColumns = 10;
    private const int MostWithin = 100;

    internal Subject Meant => new(Subject);

    internal sealed class Validator : AbstractValidator<ErasureRequest>
    {
        public Validator()
        {
            RuleFor(r => r.Subject).Must(s => s.Count is > 0 and <= MostColumns)
                .WithMessage($"must have from 1 to {MostColumns} columns, each with the subject's value: {{\"customer_id\": \"4711\"}}.");
            RuleFor(r => r.Subject)
                .Must(s => s.All(v => v is { Key: { Length: > 0 } column, Value: { Length: > 0 and <= Limits.Message } value }
                    && !column.Contains('\0') && !value.Contains('\0')))
                .WithMessage($"must have a name and a value of at most {Limits.Message:N0} characters for each column, without U+0000.");
            RuleFor(r => r.Within).Must(w => w is null or { Count: > 0 and <= MostWithin })
                .WithMessage($"must be from 1 to {MostWithin} namespaces or datasets, or be left out.");
            RuleForEach(r => r.Within).Must(w => w is not null && (NodeId.TryParse(w, out var node, out _)
                    ? node is { Kind: NodeKind.Dataset, Version: null, Column: null } : Names.Check(w) is null))
                .WithMessage("must be a namespace ('demo'), or a dataset ('dataset:demo/flights').");
        }
    }
}
