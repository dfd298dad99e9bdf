using System.Buffers;
using System.Runtime.CompilerServices;
using Apache.Arrow;
using Apache.Arrow.Flight;
using Apache.Arrow.Flight.Server;
using Apache.Arrow.Types;
using Catalog.Server.Doors.Flight;
using Catalog.Tests.Storage.Columnar;
using CsCheck;
using Google.Protobuf;
using Grpc.Core;
using Xunit;

namespace Catalog.Tests.Columns;

/// <summary>What our Flight sends is what stock Flight reads, for every type, whole and sliced.</summary>
public sealed class FlightFrameTests
{
    private static readonly int[] s_rows = [0, 1, 7, 8, 9, 63, 64, 65, 300];

    [Fact]
    public Task Batches_of_every_type_arrive_as_they_were() =>
        Gen.Select(Gen.Int[1, 1_000_000], Gen.Int[0, s_rows.Length - 1].Select(i => s_rows[i])).SampleAsync(
            (seed, rows) => ArrivesAsync(RandomArrays.EveryType, new RandomArrays(seed).Batch(RandomArrays.EveryType, rows)),
            iter: 60);

    [Fact]
    public Task Slices_of_slices_arrive_as_they_were() =>
        Gen.Select(Gen.Int[1, 1_000_000], Gen.Int[0, 70], Gen.Int[0, 200], Gen.Int[0, 20]).SampleAsync(
            (seed, first, length, second) => ArrivesAsync(
                RandomArrays.EveryType,
                new RandomArrays(seed).Batch(RandomArrays.EveryType, 300).Slice(first, length).Slice(Math.Min(second, length), length)),
            iter: 150);

    [Fact]
    public async Task A_frame_says_the_same_as_one_of_stock_Flight()
    {
        var batch = new RandomArrays(1).Batch(RandomArrays.EveryType, 100).Slice(3, 90);
        var stock = new Stock();
        using var writer = new FlightServerRecordBatchStreamWriter(stock);
        await writer.WriteAsync(batch);

        var ours = await SentAsync(batch.Schema, [batch]);

        Assert.Equal(stock.Written.Select(w => w.DataHeader), ours.Select(o => o.DataHeader));
        Assert.Equal(stock.Written.Select(w => w.DataBody.Length), ours.Select(o => o.DataBody.Length));
    }

    [Fact]
    public async Task A_batch_that_is_too_large_for_a_message_goes_in_parts()
    {
        var schema = new Schema([new Field("text", StringType.Default, nullable: false)], metadata: null);
        var texts = new StringArray.Builder();
        for (var i = 0; i < 1_001; i++)
            texts.Append(new string((char)('a' + (i % 26)), 10_000 + i));
        var batch = new RecordBatch(schema, [texts.Build()], 1_001);
        var rows = ArrowText.Rows(batch);

        var sent = await SentAsync(schema, [batch]);

        Assert.All(sent, s => Assert.InRange(s.Bytes, 1, 1024 * 1024 + 1_000));
        Assert.InRange(sent.Count, 10, 30);
        Assert.Equal(rows, (await ReadAsync(sent)).Rows);
    }

    [Fact]
    public async Task A_stream_without_batches_is_a_schema()
    {
        var (schema, rows) = await ReadAsync(await SentAsync(RandomArrays.EveryType, []));

        Assert.Equal(ArrowText.Schema(RandomArrays.EveryType), ArrowText.Schema(schema));
        Assert.Empty(rows);
    }

    [Fact]
    public async Task The_next_batch_is_asked_for_when_the_one_before_was_taken()
    {
        var wire = new Wire();

        await FlightFrames.SendAsync(RandomArrays.EveryType, BatchesAsync(), wire, TestContext.Current.CancellationToken);

        Assert.Equal(6, wire.Sent.Count);

        async IAsyncEnumerable<RecordBatch> BatchesAsync()
        {
            for (var asked = 1; asked <= 5; asked++)
            {
                Assert.False(wire.IsTaking);
                Assert.Equal(asked, wire.Sent.Count);
                yield return new RandomArrays(asked).Batch(RandomArrays.EveryType, 10);
                await Task.Yield();
            }
        }
    }

    [Fact]
    public async Task Who_gives_up_ends_the_reading()
    {
        using var gaveUp = new CancellationTokenSource();
        var ended = false;
        var wire = new Wire();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => FlightFrames.SendAsync(RandomArrays.EveryType, BatchesAsync(gaveUp.Token), wire, gaveUp.Token));

        Assert.True(ended);
        Assert.Equal(2, wire.Sent.Count);

        async IAsyncEnumerable<RecordBatch> BatchesAsync([EnumeratorCancellation] CancellationToken ct)
        {
            try
            {
                yield return new RandomArrays(1).Batch(RandomArrays.EveryType, 10);
                await gaveUp.CancelAsync();
                ct.ThrowIfCancellationRequested();
            }
            finally
            {
                ended = true;
            }
        }
    }

    private static async Task ArrivesAsync(Schema schema, RecordBatch batch)
    {
        var arrived = await ReadAsync(await SentAsync(schema, [batch, batch]));

        Assert.Equal(ArrowText.Schema(schema), ArrowText.Schema(arrived.Schema));
        Assert.Equal(ArrowText.Rows(batch).Concat(ArrowText.Rows(batch)), arrived.Rows);
    }

    private static async Task<IReadOnlyList<Message>> SentAsync(Schema schema, IReadOnlyList<RecordBatch> batches)
    {
        var wire = new Wire();
        await FlightFrames.SendAsync(schema, batches.ToAsyncEnumerable(), wire, TestContext.Current.CancellationToken);
        return wire.Sent;
    }

    private static async Task<(Schema Schema, IReadOnlyList<string> Rows)> ReadAsync(IReadOnlyList<Message> messages)
    {
        using var reader = new FlightServerRecordBatchStreamReader(new Arriving(messages));
        var schema = await reader.Schema;
        var rows = new List<string>();
        while (await reader.MoveNext(TestContext.Current.CancellationToken))
            rows.AddRange(ArrowText.Rows(reader.Current));
        return (schema, rows);
    }

    /// <summary><c>FlightData</c> as it is on the wire, taken apart by protobuf's own reader.</summary>
    private sealed record Message(ByteString DataHeader, ByteString DataBody, int Bytes)
    {
        public static Message Parse(byte[] bytes)
        {
            using var fields = new CodedInputStream(bytes);
            var (header, body) = (ByteString.Empty, ByteString.Empty);
            for (uint tag; (tag = fields.ReadTag()) != 0;)
            {
                switch (WireFormat.GetTagFieldNumber(tag))
                {
                    case 2:
                        header = fields.ReadBytes();
                        break;
                    case 1000:
                        body = fields.ReadBytes();
                        break;
                    default:
                        Assert.Fail($"The field {WireFormat.GetTagFieldNumber(tag)} is not sent.");
                        break;
                }
            }

            return new Message(header, body, bytes.Length);
        }
    }

    private sealed class Wire : IServerStreamWriter<FlightFrame>
    {
        public List<Message> Sent { get; } = [];

        /// <summary>Whether it has not done with the last message.</summary>
        public bool IsTaking { get; private set; }

        public WriteOptions? WriteOptions { get; set; }

        public async Task WriteAsync(FlightFrame message)
        {
            IsTaking = true;
            var context = new Serialization();
            FlightFrame.Marshaller.ContextualSerializer(message, context);
            Assert.Equal(context.Announced, context.Bytes.Length);
            await Task.Yield();
            Sent.Add(Message.Parse(context.Bytes));
            IsTaking = false;
        }

        public Task WriteAsync(FlightFrame message, CancellationToken cancellationToken) => WriteAsync(message);
    }

    private sealed class Serialization : SerializationContext
    {
        private readonly ArrayBufferWriter<byte> _writer = new();

        public int Announced { get; private set; } = -1;

        public byte[] Bytes { get; private set; } = [];

        public override void SetPayloadLength(int payloadLength) => Announced = payloadLength;

        public override IBufferWriter<byte> GetBufferWriter() => _writer;

        public override void Complete() => Bytes = _writer.WrittenSpan.ToArray();
    }

    private sealed class Arriving(IReadOnlyList<Message> messages) : IAsyncStreamReader<FlightData>
    {
        private int _at = -1;

        public FlightData Current => new(null, messages[_at].DataBody, messages[_at].DataHeader, ByteString.Empty);

        public Task<bool> MoveNext(CancellationToken cancellationToken) => Task.FromResult(++_at < messages.Count);
    }

    private sealed class Stock : IServerStreamWriter<FlightData>
    {
        public List<FlightData> Written { get; } = [];

        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(FlightData message)
        {
            Written.Add(message);
            return Task.CompletedTask;
        }
    }
}
