using Catalog.Schemas;
using Catalog.Sharing;

namespace Catalog.Server.Doors.DeltaSharing;

/// <summary>The format <c>parquet</c>, which every client reads. It knows one timestamp.</summary>
internal sealed class ParquetFormat : ITableFormat
{
    public string Name => "parquet";

    public object Protocol(TableSchema schema) => new { MinReaderVersion = 1 };

    public object MetaData(FindTable.Answer table, bool ofAVersion)
    {
        var schema = TableFormats.SchemaOf(table);
        return new
        {
            Id = TableIds.Of(table.Version),
            table.Version.Name,
            Format = new { Provider = "parquet" },
            SchemaString = SparkSchema.Write(schema),
            PartitionColumns = Array.Empty<string>(),
            Configuration = TableFormats.Configuration(table, schema),
            Version = TableFormats.VersionOf(table, ofAVersion),
            Size = table.Page.Bytes,
            NumFiles = table.Page.Files,
        };
    }

    public object File(FindTable.Answer table, QueryTable.TableFile file, string url, bool ofAVersion) => new
    {
        Url = url,
        Id = file.File.Sha256,
        PartitionValues = TableFormats.NoPartition(),
        Size = file.File.Bytes,
        Stats = DeltaStatistics.Write(TableFormats.SchemaOf(table), file.File.Rows, file.Statistics),
        Version = TableFormats.VersionOf(table, ofAVersion),
        Timestamp = TableFormats.TimeOf(table, ofAVersion),
        ExpirationTimestamp = file.Url.ExpiresAt.ToUnixTimeMilliseconds(),
    };
}
