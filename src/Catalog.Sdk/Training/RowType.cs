using System.Linq.Expressions;
using System.Reflection;
using Apache.Arrow;

namespace Catalog.Sdk;

/// <summary>Makes objects of rows: of a record's parameters, or a class's properties, each from the column of its name.</summary>
internal static class RowType<T>
    where T : class
{
    /// <summary>Takes the columns of a batch and the number of a row.</summary>
    /// <exception cref="CatalogException"><c>client.row_type</c>: names the column and the property, and says what would do.</exception>
    public static Func<IArrowArray[], int, T> Of(Schema schema)
    {
        var (columns, row) = (Expression.Parameter(typeof(IArrowArray[])), Expression.Parameter(typeof(int)));
        return Expression.Lambda<Func<IArrowArray[], int, T>>(Made(schema, columns, row), columns, row).Compile();
    }

    private static Expression Made(Schema schema, ParameterExpression columns, ParameterExpression row)
    {
        var nullability = new NullabilityInfoContext(); // not for several threads
        if (typeof(T).GetConstructor(Type.EmptyTypes) is { } plain)
        {
            var properties = typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite);
            return Expression.MemberInit(Expression.New(plain), properties.Select(p =>
                Expression.Bind(p, Cell(schema, p.Name, p.PropertyType, Nullable(nullability.Create(p)), columns, row))));
        }

        var constructor = typeof(T).GetConstructors() is [var only]
            ? only
            : throw Wrong("it has several constructors: one without parameters, or a single one, is needed");
        return Expression.New(constructor, constructor.GetParameters().Select(p =>
            Cell(schema, p.Name ?? "", p.ParameterType, Nullable(nullability.Create(p)), columns, row)));
    }

    private static bool Nullable(NullabilityInfo info) => info.WriteState != NullabilityState.NotNull;

    private static InvocationExpression Cell(
        Schema schema, string name, Type type, bool nullable, ParameterExpression columns, ParameterExpression row)
    {
        var place = PlaceOf(schema, name);
        var field = schema.GetFieldByIndex(place);
        var reader = CellReaders.Of(field, type, nullable)
            ?? throw Wrong($"'{name}' is {type.Name}, and column '{field.Name}' has the type {field.DataType.Name}");
        return Expression.Invoke(Expression.Constant(reader), Expression.ArrayIndex(columns, Expression.Constant(place)), row);
    }

    private static int PlaceOf(Schema schema, string name)
    {
        var exact = schema.GetFieldIndex(name);
        if (exact >= 0)
            return exact;

        var alike = schema.FieldsList.Where(f => Plain(f.Name) == Plain(name)).ToList();
        return alike switch
        {
            [var one] => schema.GetFieldIndex(one.Name),
            [] => throw Wrong(
                $"there is no column for '{name}'; there are {string.Join(", ", schema.FieldsList.Select(f => $"'{f.Name}'"))}"),
            _ => throw Wrong($"'{name}' could be any of the columns {string.Join(", ", alike.Select(f => $"'{f.Name}'"))}"),
        };
    }

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    private static CatalogException Wrong(string why) =>
        new(null, "client.row_type", $"Rows cannot be read as {typeof(T).Name}: {why}.");
}
