using Catalog.Platform.Http;
using Catalog.Sharing;
using Catalog.Schemas;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Server.Doors.DeltaSharing;

/// <summary>What stands in the lines of a table's answer.</summary>
internal static class TableShapes
{
    private static readonly TableSchema s_noColumns = new([]);

    public static object MetaData(FindTable.Answer table, bool ofAVersion)
    {
        var (page, schema) = (table.Page, SchemaOf(table));
        var configuration = new Dictionary<string, string>(StringComparer.Ordinal);
        if (string.Join(", ", SparkSchema.LeftOut(schema)) is { Length: > 0 } leftOut)
            configuration.Add("catalog.columnsLeftOut", leftOut);
        return new
        {
            Id = TableIds.Of(table.Version),
            table.Version.Name,
            Format = new { Provider = "parquet" },
            SchemaString = SparkSchema.Write(schema),
            PartitionColumns = Array.Empty<string>(),
            Configuration = configuration,
            Version = ofAVersion ? page.Number : (long?)null,
            Size = page.Bytes,
            NumFiles = page.Files,
        };
    }

    public static object File(HttpContext http, FindTable.Answer table, QueryTable.TableFile file, bool ofAVersion) => new
    {
        Url = http.RequestServices.GetRequiredService<PublicAddress>().Of(http.Request, file.Url.Url).OriginalString,
        Id = file.File.Sha256,
        PartitionValues = new Dictionary<string, string>(StringComparer.Ordinal),
        Size = file.File.Bytes,
        Stats = DeltaStatistics.Write(SchemaOf(table), file.File.Rows, file.Statistics),
        Version = ofAVersion ? table.Page.Number : (long?)null,
        Timestamp = ofAVersion ? table.Page.CommittedAt.ToUnixTimeMilliseconds() : (long?)null,
        ExpirationTimestamp = file.Url.ExpiresAt.ToUnixTimeMilliseconds(),
    };

    /// <param name="refreshToken">Null for none.</param>
    /// <param name="firstToExpire">Of all addresses.</param>
    public static object End(string? refreshToken, DateTimeOffset firstToExpire) => new
    {
        RefreshToken = refreshToken,
        MinUrlExpirationTimestamp = firstToExpire == DateTimeOffset.MaxValue ? (long?)null : firstToExpire.ToUnixTimeMilliseconds(),
    };

    public static TableSchema SchemaOf(FindTable.Answer table) => table.Page.Schema ?? s_noColumns;
}
