using System.Security.Cryptography;
using Apache.Arrow;
using Catalog.Columns;
using Catalog.Integrity;
using Catalog.Storage.Columnar;

namespace Catalog.Erasure;

/// <summary>Whose data is to be erased: a row is the subject's where any of some columns has the subject's value.</summary>
/// <param name="Values">By the name of a top-level column.</param>
internal sealed record Subject(IReadOnlyDictionary<string, string> Values)
{
    private static readonly LiteralKind[] s_kinds = [LiteralKind.Text, LiteralKind.Number, LiteralKind.Boolean];

    /// <summary>Tells subjects apart and does not tell who they are: a keyed hash, lower-case hexadecimal.</summary>
    public string Hash(ReadOnlyMemory<byte> key) => Convert.ToHexStringLower(HMACSHA256.HashData(
        key.Span,
        CanonicalJson.Serialize(System.Text.Json.JsonSerializer.SerializeToElement(
            Values.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => new[] { v.Key, v.Value })))));

    /// <summary>What its rows meet, any of it; a value that a column's type cannot have is in no row of it.</summary>
    public IReadOnlyList<Condition> ConditionsOn(Schema schema) =>
        [.. Values.Where(v => schema.GetFieldIndex(v.Key) >= 0).Select(v => ConditionOn(schema, v.Key, v.Value)).OfType<Condition>()];

    private static Condition? ConditionOn(Schema schema, string column, string value)
    {
        foreach (var kind in s_kinds)
        {
            try
            {
                var condition = FilterTypes.Bind([new(column, Comparison.Equal, [new Literal(value, kind)])], schema)[0];
                condition.CheckFits(schema.GetFieldByName(column));
                return condition;
            }
            catch (Exception e) when (e is FilterException or ScanException)
            {
                // It is no value of that kind: the next.
            }
        }

        return null;
    }

    public override string ToString() => "a subject";
}
