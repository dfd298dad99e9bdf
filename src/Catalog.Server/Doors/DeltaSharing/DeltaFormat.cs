using Catalog.Schemas;
using Catalog.Sharing;

namespace Catalog.Server.Doors.DeltaSharing;

/// <summary>
/// The format <c>delta</c>: actions of a Delta log, in which paths are addresses. Clients that ask for nothing else take nothing else.
/// </summary>
/// <param name="zoneless">Whether the client reads timestamps without a zone as such.</param>
internal sealed class DeltaFormat(bool zoneless) : ITableFormat
{
    private static readonly string[] s_zoneless = ["timestampNtz"];

    public string Name => "delta";

    public object Protocol(TableSchema schema) => new
    {
        DeltaProtocol = zoneless && SparkSchema.HasZoneless(schema)
            ? (object)new { MinReaderVersion = 3, MinWriterVersion = 7, ReaderFeatures = s_zoneless, WriterFeatures = s_zoneless }
            : new { MinReaderVersion = 1, MinWriterVersion = 2 },
    };

    public object MetaData(FindTable.Answer table, bool ofAVersion)
    {
        var schema = TableFormats.SchemaOf(table);
        return new
        {
            DeltaMetadata = new
            {
                Id = TableIds.Of(table.Version),
                table.Version.Name,
                Format = new { Provider = "parquet", Options = TableFormats.NoPartition() },
                SchemaString = SparkSchema.Write(schema, zoneless),
                PartitionColumns = Array.Empty<string>(),
                Configuration = TableFormats.Configuration(table, schema),
                CreatedTime = table.Page.CommittedAt.ToUnixTimeMilliseconds(),
            },
            Version = TableFormats.VersionOf(table, ofAVersion),
            Size = table.Page.Bytes,
            NumFiles = table.Page.Files,
        };
    }

    public object File(FindTable.Answer table, QueryTable.TableFile file, string url, bool ofAVersion) => new
    {
        Id = file.File.Sha256,
        Size = file.File.Bytes,
        Version = TableFormats.VersionOf(table, ofAVersion),
        Timestamp = TableFormats.TimeOf(table, ofAVersion),
        ExpirationTimestamp = file.Url.ExpiresAt.ToUnixTimeMilliseconds(),
        DeltaSingleAction = new
        {
            Add = new
            {
                Path = url,
                PartitionValues = TableFormats.NoPartition(),
                Size = file.File.Bytes,
                ModificationTime = table.Page.CommittedAt.ToUnixTimeMilliseconds(),
                DataChange = true,
                Stats = DeltaStatistics.Write(TableFormats.SchemaOf(table), file.File.Rows, file.Statistics, zoneless),
            },
        },
    };
}
