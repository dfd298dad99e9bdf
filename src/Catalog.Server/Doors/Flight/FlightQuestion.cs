using System.Text.Json;
using System.Text.Json.Serialization;
using Apache.Arrow.Flight;
using Catalog.Columns;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Storage.Columnar;
using Catalog.Training;

namespace Catalog.Server.Doors.Flight;

/// <summary>
/// What a descriptor asks for: as a path, a version's node (<c>dataset:demo/flights@3</c>); as a command, JSON of these members.
/// </summary>
/// <param name="Node">A version of a dataset; without one, the latest.</param>
/// <param name="Columns">In the order wanted; null for all.</param>
/// <param name="Filter">What rows have to meet; null for all.</param>
/// <param name="Shards">Into how many endpoints the version is cut, to be read side by side.</param>
/// <param name="Seed">Shuffles the rows, which are then dealt to shards one by one; as are those of the version's order where any of the
/// others is given.</param>
/// <param name="Epoch">From 0.</param>
/// <param name="Uneven"><c>keep</c>, <c>pad</c> or <c>drop</c>.</param>
/// <param name="Lanes">Part of the order; null for what suits the files.</param>
/// <param name="WindowRows">Part of the order; null for what suits the files.</param>
/// <param name="Token">Where to go on in an epoch.</param>
/// <param name="BatchRows">How many rows a batch of an epoch has; null for what suits the connection.</param>
internal sealed record FlightQuestion(
    [property: JsonRequired] string Node, IReadOnlyList<string>? Columns = null, string? Filter = null, int Shards = 1,
    long? Seed = null, int? Epoch = null, Uneven? Uneven = null, int? Lanes = null, int? WindowRows = null, string? Token = null,
    int? BatchRows = null)
{
    private const int MaxBatchRows = 1_048_576;
    private const int MaxShards = 1_024;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <exception cref="ProblemException">The message says what would be right.</exception>
    public static FlightQuestion Read(FlightDescriptor descriptor)
    {
        var question = descriptor.Type == FlightDescriptorType.Path ? OfPath([.. descriptor.Paths]) : OfCommand(descriptor.Command.Span);
        if (question.Shards is < 1 or > MaxShards)
            throw Wrong("shards", $"shards must be from 1 to {MaxShards}, not {question.Shards}.");
        if (question.BatchRows is < 1 or > MaxBatchRows)
            throw Wrong("batchRows", $"batchRows must be from 1 to {MaxBatchRows}, not {question.BatchRows}.");
        return question;
    }

    /// <exception cref="ProblemException">It is no version of a dataset.</exception>
    public NodeId Version() =>
        !NodeId.TryParse(Node, out var node, out var error) ? throw Wrong("node", error)
        : node.Kind == NodeKind.Dataset && node.Column is null ? node
        : throw Wrong("node", $"'{Node}' is no dataset or version of one: write one like dataset:demo/flights@3.");

    public ColumnQuestion Shard(int shard, int batchRows) =>
        new(Columns, Filter, new Shard(shard, Shards), BatchRows ?? batchRows, ColumnCompression.None,
            TrainingQuestion.Of(Seed, Epoch, Uneven, Lanes, WindowRows, Token));

    private static FlightQuestion OfPath(IReadOnlyList<string> path) =>
        path is [var node]
            ? new FlightQuestion(node)
            : throw Wrong("path", "A path has one part, a version's node: dataset:demo/flights@3.");

    private static FlightQuestion OfCommand(ReadOnlySpan<byte> command)
    {
        try
        {
            return JsonSerializer.Deserialize<FlightQuestion>(command, s_json) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw Wrong("command", "A command is JSON such as {\"node\":\"dataset:demo/flights@3\",\"columns\":[\"delay\"],"
                + $"\"filter\":\"delay > 15\",\"shards\":4}}: {e.Message}");
        }
    }

    private static ProblemException Wrong(string field, string what) => new(Problem.Field("request.invalid", field, what));
}
