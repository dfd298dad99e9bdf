using System.Reflection;
using Catalog.Platform.Http;
using Catalog.Storage.Columnar;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Catalog.Columns;

/// <summary>How the buffers of an Arrow stream are compressed.</summary>
public enum ColumnCompression
{
    None,
    Lz4,
    Zstd,
}

/// <summary>Which columns and rows of a version are asked for.</summary>
/// <param name="Columns">Top-level columns in the order wanted; null for all.</param>
/// <param name="Filter">What rows have to meet; null for all.</param>
/// <param name="Shard">Which part of the row groups.</param>
/// <param name="BatchRows">How many rows a batch has at most.</param>
/// <param name="Compression">Of the buffers.</param>
/// <param name="Training">In which order, with rows dealt to shards one by one; null for the version's order, and whole row groups.</param>
public sealed record ColumnQuestion(
    IReadOnlyList<string>? Columns, string? Filter, Shard Shard, int BatchRows, ColumnCompression Compression,
    TrainingQuestion? Training = null)
    : IEndpointParameterMetadataProvider
{
    private const int MaxShards = 65_536;
    private const int MaxBatchRows = 1_048_576;

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder)
    {
        foreach (var one in (RequestParameter[])
        [
            new("column", ParameterPlace.Query, "A column to read, in the order wanted; may be given again. All when it is left out."),
            new("filter", ParameterPlace.Query, "What rows have to meet, such as: delay >= 15 and carrier in ('AA', 'UA')."),
            new("shard", ParameterPlace.Query, "Which part of how many, counted from 0.") { Range = (0, MaxShards - 1), Default = "0" },
            new("shards", ParameterPlace.Query, "How many parts there are.") { Range = (1, MaxShards), Default = "1" },
            new("batchRows", ParameterPlace.Query, "How many rows a batch has at most.")
            {
                Range = (1, MaxBatchRows),
                Default = $"{ScanRequest.DefaultBatchRows}",
            },
            new("compression", ParameterPlace.Query, "Of the buffers.")
            {
                Words = QueryWords.Of<ColumnCompression>(),
                Default = "none",
            },
            .. TrainingQuestion.Parameters,
        ])
            builder.Metadata.Add(one);
    }

    public static ValueTask<ColumnQuestion> BindAsync(HttpContext http)
    {
        var query = http.Request.Query;
        var shards = PageRequest.Number(query, "shards", 1, 1, MaxShards);
        string[] columns = [.. query["column"].OfType<string>()];
        return ValueTask.FromResult(new ColumnQuestion(
            columns.Length == 0 ? null : columns,
            QueryWords.Text(query, "filter"),
            new Shard(PageRequest.Number(query, "shard", 0, 0, shards - 1), shards),
            PageRequest.Number(query, "batchRows", ScanRequest.DefaultBatchRows, 1, MaxBatchRows),
            QueryWords.One<ColumnCompression>(query, "compression") ?? ColumnCompression.None,
            TrainingQuestion.Read(query)));
    }
}
