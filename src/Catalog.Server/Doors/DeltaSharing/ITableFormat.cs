using System.Text.Json;
using Catalog.Schemas;
using Catalog.Sharing;

namespace Catalog.Server.Doors.DeltaSharing;

/// <summary>How a table and its files stand in the lines of an answer. The protocol has two formats.</summary>
internal interface ITableFormat
{
    /// <summary>As it is written among the capabilities.</summary>
    string Name { get; }

    object Protocol(TableSchema schema);

    object MetaData(FindTable.Answer table, bool ofAVersion);

    /// <param name="table">The version.</param>
    /// <param name="file">Of it.</param>
    /// <param name="url">Where the client reads it.</param>
    /// <param name="ofAVersion">Whether a version was asked for: its number and time then stand with what is of it.</param>
    object File(FindTable.Answer table, QueryTable.TableFile file, string url, bool ofAVersion);
}

/// <summary>What both formats say.</summary>
internal static class TableFormats
{
    private static readonly TableSchema s_noColumns = new([]);

    public static TableSchema SchemaOf(FindTable.Answer table) => table.Page.Schema ?? s_noColumns;

    public static long? VersionOf(FindTable.Answer table, bool ofAVersion) => ofAVersion ? table.Page.Number : null;

    public static long? TimeOf(FindTable.Answer table, bool ofAVersion) =>
        ofAVersion ? table.Page.CommittedAt.ToUnixTimeMilliseconds() : null;

    public static Dictionary<string, string> NoPartition() => [];

    /// <summary>Names the columns that the schema leaves out, and says what of the version the files show where that is not all.</summary>
    public static Dictionary<string, string> Configuration(FindTable.Answer table, TableSchema schema)
    {
        var configuration = new Dictionary<string, string>(StringComparer.Ordinal);
        if (string.Join(", ", SparkSchema.LeftOut(schema)) is { Length: > 0 } leftOut)
            configuration.Add("catalog.columnsLeftOut", leftOut);
        if (table.Projection is not { } projection)
            return configuration;
        configuration.Add("catalog.projection", projection.Hash);
        if (projection.Masked.Count > 0)
            configuration.Add("catalog.masked", JsonSerializer.Serialize(projection.Masked, SharingJson.Options));
        if (projection.Filtered)
            configuration.Add("catalog.filtered", "true");
        return configuration;
    }
}
