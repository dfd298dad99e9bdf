using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Catalog.Predictions;

/// <summary>Predictions as a table.</summary>
internal static class PredictionBatches
{
    public const string RequestId = "request_id";
    public const string Keys = "keys";

    private const int BatchRows = 1_024;

    private static TimestampType Time { get; } = new(TimeUnit.Microsecond, "UTC");

    public static Schema Schema { get; } = new(
        [
            new Field(RequestId, StringType.Default, nullable: false),
            new Field("model_version", Int64Type.Default, nullable: false),
            new Field("at", Time, nullable: false),
            new Field("logged_at", Time, nullable: false),
            new Field("logged_by", StringType.Default, nullable: false),
            new Field("run", StringType.Default, nullable: true),
            new Field(Keys, StringType.Default, nullable: false),
            new Field("features", StringType.Default, nullable: true),
            new Field("output", StringType.Default, nullable: false),
            new Field("receipt", StringType.Default, nullable: true),
            new Field("generations", new ListType(StringType.Default), nullable: false),
        ],
        metadata: null);

    /// <param name="predictions">In the order wanted; each is given to <paramref name="seen"/> when it comes by.</param>
    public static async IAsyncEnumerable<RecordBatch> OfAsync(
        IAsyncEnumerable<LoggedPrediction> predictions, Action<LoggedPrediction> seen, [EnumeratorCancellation] CancellationToken ct)
    {
        var rows = new List<LoggedPrediction>(BatchRows);
        await foreach (var prediction in predictions.WithCancellation(ct))
        {
            seen(prediction);
            rows.Add(prediction);
            if (rows.Count < BatchRows)
                continue;
            yield return Of(rows);
            rows.Clear();
        }

        if (rows.Count > 0)
            yield return Of(rows);
    }

    /// <summary>A row of the table.</summary>
    /// <param name="model">Whose table it is, without a version.</param>
    /// <param name="batch">With all columns.</param>
    /// <param name="row">Its place in the batch.</param>
    public static LoggedPrediction Read(NodeId model, RecordBatch batch, int row)
    {
        return new LoggedPrediction(
            model.WithVersion(((Int64Array)batch.Column("model_version")).GetValue(row) ?? 0), Given(RequestId), Moment("at"),
            Moment("logged_at"), Given("logged_by"), Text("run") is { } run ? Guid.Parse(run) : null, Given("keys"), Text("features"),
            Given("output"), Text("receipt"));

        string? Text(string column) => ((StringArray)batch.Column(column)).GetString(row);

        string Given(string column) => Text(column) ?? "";

        DateTimeOffset Moment(string column) => ((TimestampArray)batch.Column(column)).GetTimestamp(row) ?? default;
    }

    private static RecordBatch Of(List<LoggedPrediction> rows) => new(
        Schema,
        [
            Texts(rows, r => r.RequestId), new Int64Array.Builder().AppendRange(rows.Select(r => r.Model.VersionNumber ?? 0)).Build(),
            Times(rows, r => r.At), Times(rows, r => r.LoggedAt), Texts(rows, r => r.LoggedBy), Texts(rows, r => r.Run?.ToString("D")),
            Texts(rows, r => r.Keys), Texts(rows, r => r.Features), Texts(rows, r => r.Output), Texts(rows, r => r.Receipt),
            Generations(rows),
        ],
        rows.Count);

    private static StringArray Texts(List<LoggedPrediction> rows, Func<LoggedPrediction, string?> text)
    {
        var values = new StringArray.Builder();
        foreach (var row in rows)
        {
            if (text(row) is { } value)
                values.Append(value);
            else
                values.AppendNull();
        }

        return values.Build();
    }

    private static IArrowArray Times(List<LoggedPrediction> rows, Func<LoggedPrediction, DateTimeOffset> time)
    {
        var bytes = new byte[rows.Count * sizeof(long)];
        for (var i = 0; i < rows.Count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(
                bytes.AsSpan(i * sizeof(long)), (time(rows[i]).UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);
        }

        return ArrowArrayFactory.BuildArray(new ArrayData(Time, rows.Count, 0, 0, [ArrowBuffer.Empty, new(bytes)]));
    }

    private static ListArray Generations(List<LoggedPrediction> rows)
    {
        var lists = new ListArray.Builder(StringType.Default);
        var values = (StringArray.Builder)lists.ValueBuilder;
        foreach (var row in rows)
        {
            lists.Append();
            foreach (var view in SeenBy(row)?.Views ?? [])
            {
                if (view.Generation is { } generation)
                    values.Append(generation.ToString());
            }
        }

        return lists.Build();
    }

    /// <summary>What the receipt says.</summary>
    public static SeenFeatures? SeenBy(LoggedPrediction prediction) => prediction.Receipt is { } receipt
        ? JsonSerializer.Deserialize<SeenFeatures>(receipt, PredictionIntake.Json)
        : null;
}
