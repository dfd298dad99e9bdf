using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Storage.Columnar;

namespace Catalog.Columns;

/// <summary>Gives the values of a filter the types of the columns they are compared with.</summary>
internal static class FilterTypes
{
    /// <exception cref="FilterException">A column is not there, or a value cannot be of its type.</exception>
    public static IReadOnlyList<Condition> Bind(IEnumerable<FilterText.Written> filter, Schema schema) =>
    [
        .. from c in filter
           let type = TypeOf(c.Column, schema)
           select new Condition(c.Column, c.Comparison, [.. c.Values.Select(v => Value(v, c.Column, type))]),
    ];

    private static IArrowType TypeOf(string column, Schema schema) =>
        schema.FieldsList.FirstOrDefault(f => f.Name == column)?.DataType
        ?? throw new FilterException(
            $"there is no column '{column}'; there are {string.Join(", ", schema.FieldsList.Select(f => f.Name))}.");

    private static object Value(Literal literal, string column, IArrowType type) => (type, literal) switch
    {
        (BooleanType, { Kind: LiteralKind.Boolean, Text: var text }) => text == "true",
        (StringType, { Kind: LiteralKind.Text, Text: var text }) => text,
        (Date32Type, { Kind: LiteralKind.Text, Text: var text })
            when DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) => day,
        (TimeType, { Kind: LiteralKind.Text, Text: var text })
            when TimeOnly.TryParse(text, CultureInfo.InvariantCulture, out var time) => time,
        (TimestampType { IsTimeZoneAware: true }, { Kind: LiteralKind.Text, Text: var text })
            when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) => at,
        (TimestampType { IsTimeZoneAware: false }, { Kind: LiteralKind.Text, Text: var text })
            when DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)
                && at.Kind == DateTimeKind.Unspecified => at,
        (FixedSizeBinaryType { ByteWidth: 16 }, { Kind: LiteralKind.Text, Text: var text }) when Guid.TryParse(text, out var id) => id,
        (FloatingPointType, { Kind: LiteralKind.Number, Text: var text })
            when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        (NumberType or Decimal128Type, { Kind: LiteralKind.Number, Text: var text })
            when decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        _ => throw new FilterException($"'{literal.Text}' is not what column '{column}' ({type.Name}) is compared with: {Example(type)}."),
    };

    private static string Example(IArrowType type) => type switch
    {
        BooleanType => "write true or false",
        StringType => "write a text in single quotes",
        Date32Type => "write a day such as '2026-01-31'",
        TimeType => "write a time of day such as '13:45:00'",
        TimestampType { IsTimeZoneAware: true } => "write an instant such as '2026-01-31T13:45:00Z'",
        TimestampType => "write a time without an offset such as '2026-01-31T13:45:00'",
        FixedSizeBinaryType { ByteWidth: 16 } => "write a UUID in single quotes",
        NumberType or Decimal128Type => "write a number",
        _ => "it can only be compared with is null and is not null",
    };
}
