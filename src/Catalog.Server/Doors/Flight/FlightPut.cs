using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Apache.Arrow;
using Apache.Arrow.Flight;
using Apache.Arrow.Flight.Server;
using Catalog.Datasets;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Storage.Columnar;
using Catalog.Storage.Files;
using MediatR;

namespace Catalog.Server.Doors.Flight;

/// <summary>
/// What the descriptor of a stream to put says: as a path, a dataset's node (<c>dataset:demo/flights</c>); as a command, JSON of these
/// members.
/// </summary>
/// <param name="Node">The dataset; it has to be registered.</param>
/// <param name="Mode"><c>replace</c>: the stream is the whole version; <c>append</c>: it comes on top of the latest.</param>
/// <param name="ExpectedParent">The version that this one follows; 0 for the first.</param>
/// <param name="IdempotencyKey">The same key again makes no other version.</param>
/// <param name="Run">The run that made the rows.</param>
/// <param name="Message">Why.</param>
/// <param name="SortBy">Columns to sort rows by; all of them are then held in memory.</param>
internal sealed record FlightPut(
    [property: JsonRequired] string Node,
    CommitMode Mode = CommitMode.Replace,
    long? ExpectedParent = null,
    string? IdempotencyKey = null,
    Guid? Run = null,
    string? Message = null,
    IReadOnlyList<string>? SortBy = null)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <exception cref="ProblemException">The message says what would be right.</exception>
    public static FlightPut Read(FlightDescriptor? descriptor)
    {
        if (descriptor?.Type == FlightDescriptorType.Path && descriptor.Paths.ToList() is [var node])
            return new FlightPut(node);
        try
        {
            var command = descriptor?.Type == FlightDescriptorType.Command ? descriptor.Command.Span : "null"u8;
            return JsonSerializer.Deserialize<FlightPut>(command, s_json) ?? throw new JsonException("it is missing");
        }
        catch (JsonException e)
        {
            throw new ProblemException(Problem.Field(
                "request.invalid",
                "descriptor",
                $"The descriptor names a dataset, as the path dataset:demo/flights or as JSON with 'node': {e.Message}"));
        }
    }

    /// <exception cref="ProblemException">It is no dataset.</exception>
    public NodeId Dataset() => NodeId.TryParse(Node, out var node, out var error)
        && node is { Kind: NodeKind.Dataset, Version: null, Column: null }
        ? node
        : throw new ProblemException(Problem.Field(
            "request.invalid", "node", error ?? $"'{Node}' is no dataset: write one like dataset:demo/flights, without a version."));

    /// <summary>
    /// Writes the rows to a file of its own, stores it and commits it. Whatever ends the stream before its end, there is no version.
    /// </summary>
    /// <param name="rows">What the client sends.</param>
    /// <param name="spool">A folder where they may wait.</param>
    /// <param name="mediator">To the use cases.</param>
    /// <param name="ct">The call's.</param>
    public async Task<CommitVersion.CommitReceipt> CommitAsync(
        FlightServerRecordBatchStreamReader rows, string spool, IMediator mediator, CancellationToken ct)
    {
        await using var file = NamelessFile.Open(spool, "put");
        await WriteAsync(rows, file, ct);
        file.Position = 0;
        var stored = Value(await mediator.Send(new UploadObject.Command(file, Sha256: null), ct));

        // Named by its content: the same rows make the same version, and what is appended takes no other file's place.
        var source = new FileSource(Path: $"{stored.Sha256[..32]}.parquet", Sha256: stored.Sha256);
        var dataset = Dataset();
        var body = new CommitVersion.Body([source], Mode: Mode, ExpectedParent: ExpectedParent, IdempotencyKey: IdempotencyKey, Run: Run,
            Message: Message, Format: "parquet");
        return Value(await mediator.Send(new CommitVersion.Command(dataset.Namespace, dataset.Name, body, Progress: null), ct));
    }

    private async Task WriteAsync(FlightServerRecordBatchStreamReader rows, Stream file, CancellationToken ct)
    {
        try
        {
            var options = new ParquetWriteOptions { SortBy = SortBy ?? [] };
            await ParquetFileWriter.WriteAsync(file, await rows.Schema, BatchesAsync(rows, ct), options, ct);
        }
        catch (ArgumentException e)
        {
            throw new ProblemException(Problem.Field("request.invalid", "schema", e.Message));
        }
    }

    private static async IAsyncEnumerable<RecordBatch> BatchesAsync(
        FlightServerRecordBatchStreamReader rows, [EnumeratorCancellation] CancellationToken ct)
    {
        while (await rows.MoveNext(ct))
            yield return rows.Current;
    }

    private static T Value<T>(Outcome<T> outcome)
        where T : class => outcome.Succeeded ? outcome.Value : throw new ProblemException(outcome.Problem);
}
