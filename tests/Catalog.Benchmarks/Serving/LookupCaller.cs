using System.Buffers.Binary;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using StackExchange.Redis;

namespace Catalog.Benchmarks.Serving;

/// <summary>
/// The compact lookup, over gRPC or the protocol of Redis, as a client that minds its time calls it: bytes out, bytes in, and the rows
/// looked at.
/// </summary>
internal sealed class LookupCaller : IDisposable
{
    private static readonly byte[] s_service = Encoding.UTF8.GetBytes(FloatTable.Service.ToString());

    private static readonly Marshaller<byte[]> s_bytes = Marshallers.Create(b => b, b => b);

    private static readonly Method<byte[], byte[]> s_lookup = new(
        MethodType.Unary, "catalog.serving.v1.FeatureLookup", "Lookup", s_bytes, s_bytes);

    private readonly GrpcChannel? _channel;
    private readonly Func<byte[], Task<byte[]>> _call;
    private ulong _schema;
    private bool _receipt;

    private readonly int _rowBytes;

    private LookupCaller(GrpcChannel? channel, Func<byte[], Task<byte[]>> call, FloatTable table) =>
        (_channel, _call, _rowBytes) = (channel, call, table.Features * sizeof(float));

    /// <summary>A client over gRPC that has asked once, and so knows the schema.</summary>
    public static Task<LookupCaller> ConnectAsync(Uri address, string key, FloatTable table, bool receipt = false)
    {
        var channel = GrpcChannel.ForAddress(address);
        var calls = channel.CreateCallInvoker();
        var options = new CallOptions(new Metadata { { "authorization", $"Bearer {key}" } });
        return BegunAsync(new(
            channel,
            async request =>
            {
                using var call = calls.AsyncUnaryCall(s_lookup, host: null, options, request);
                return await call.ResponseAsync;
            },
            table)
        { _receipt = receipt });
    }

    /// <summary>The same over the protocol of Redis.</summary>
    public static Task<LookupCaller> ConnectAsync(IDatabase redis, FloatTable table) => BegunAsync(new(
        channel: null,
        async request => (byte[]?)await redis.ExecuteAsync("CATALOG.LOOKUP", request) ?? throw new InvalidOperationException("No answer."),
        table));

    private static async Task<LookupCaller> BegunAsync(LookupCaller caller)
    {
        var first = await caller._call(caller.Request([0]));
        caller._schema = BinaryPrimitives.ReadUInt64LittleEndian(first.AsSpan(1));
        return caller;
    }

    /// <summary>Reads features of keys; the answer holds as many rows as there are keys.</summary>
    public async Task ReadAsync(long[] keys)
    {
        var answer = await _call(Request(keys));
        if (answer.Length < keys.Length * _rowBytes)
            throw new InvalidOperationException($"{keys.Length} rows came in {answer.Length} bytes.");
    }

    public void Dispose() => _channel?.Dispose();

    private byte[] Request(long[] keys) => Request(keys, _schema, _receipt);

    /// <summary>The message <c>LookupRequest</c>, for the service of the benchmark.</summary>
    public static byte[] Request(long[] keys, ulong schema, bool receipt)
    {
        var numbers = new byte[keys.Length * sizeof(long)];
        for (var i = 0; i < keys.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(numbers.AsSpan(i * sizeof(long)), keys[i]);
        byte[] column = [.. Field(1, "id"u8), .. Field(2, numbers)];
        var known = new byte[9];
        known[0] = (4 << 3) | 1;
        BinaryPrimitives.WriteUInt64LittleEndian(known.AsSpan(1), schema);
        return [.. Field(1, s_service), .. Field(3, column), .. known, .. receipt ? [(5 << 3), 1] : Array.Empty<byte>()];
    }

    private static byte[] Field(int number, ReadOnlySpan<byte> value)
    {
        var field = new List<byte> { (byte)((number << 3) | 2) };
        for (var length = (uint)value.Length; ; length >>= 7)
        {
            if (length < 0x80)
            {
                field.Add((byte)length);
                break;
            }

            field.Add((byte)(length | 0x80));
        }

        field.AddRange(value);
        return [.. field];
    }
}
