using System.Data.Common;
using System.Globalization;
using DuckDB.NET.Data;

namespace Catalog.Tests.Features;

/// <summary>What DuckDB answered: names with types, and the rows' values as texts.</summary>
internal sealed record DuckTable(IReadOnlyList<string> Columns, IReadOnlyList<string[]> Rows);

/// <summary>A DuckDB of its own, in memory.</summary>
internal sealed class DuckDb : IDisposable
{
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");

    public DuckDb()
    {
        _connection.Open();
        using var command = _connection.CreateCommand();
        command.CommandText = "set TimeZone = 'UTC'; set threads = 1";
        command.ExecuteNonQuery();
    }

    public DuckTable Read(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var columns = Enumerable.Range(0, reader.FieldCount).Select(i => $"{reader.GetName(i)} {reader.GetDataTypeName(i)}").ToList();
        var rows = new List<string[]>();
        while (reader.Read())
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => Text(reader, i))]);
        return new(columns, rows);
    }

    public void Dispose() => _connection.Dispose();

    private static string Text(DbDataReader reader, int column) =>
        reader.IsDBNull(column) ? "null" : Convert.ToString(reader.GetValue(column), CultureInfo.InvariantCulture) ?? "";
}
