using Apache.Arrow;
using Microsoft.ML;

namespace Catalog.Sdk;

/// <summary>
/// A shard of an epoch as ML.NET reads data. Each cursor is a read of its own, with the same rows in the same order; it asks for the
/// columns that are wanted of it alone. Numbers, booleans, texts, days and times have types of their own in ML.NET; a null is NaN among
/// floating-point numbers, empty among texts, and refused where there is nothing to stand for it.
/// </summary>
public sealed class TrainingDataView : IDataView
{
    private readonly VersionReader _reader;
    private readonly TrainingQuery _query;

    internal TrainingDataView(VersionReader reader, TrainingQuery query, Schema columns)
    {
        (_reader, _query) = (reader, query);
        var builder = new DataViewSchema.Builder();
        foreach (var field in columns.FieldsList)
            builder.AddColumn(field.Name, DataViewCells.TypeOf(field));
        Schema = builder.ToSchema();
    }

    /// <summary>Of the columns, under their own names.</summary>
    public DataViewSchema Schema { get; }

    /// <summary>False: the order is that of the seed, and another epoch has another.</summary>
    public bool CanShuffle => false;

    /// <summary>Null: how many rows there are is known when they are read.</summary>
    public long? GetRowCount() => null;

    /// <exception cref="CatalogException">As for <see cref="VersionReader.OpenTrainingReadAsync"/>.</exception>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var wanted = columnsNeeded.Select(c => c.Index).ToHashSet();

        // Rows are counted, too, when no column is wanted.
        var read = Schema.Where(c => wanted.Count == 0 ? c.Index == 0 : wanted.Contains(c.Index)).Select(c => c.Name).ToList();

        // ML.NET has no asynchronous cursors.
        var rows = Task.Run(() => _reader.OpenTrainingReadAsync(_query with { Columns = read })).GetAwaiter().GetResult();
        return new TrainingCursor(Schema, rows, wanted);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];
}
