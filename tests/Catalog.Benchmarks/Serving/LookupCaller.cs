using System.Buffers.Binary;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;

namespace Catalog.Benchmarks.Serving;

/// <summary>The compact lookup over gRPC, as a client that minds its time calls it: bytes out, bytes in, and the rows looked at.</summary>
internal sealed class LookupCaller : IDisposable
{
    private static readonly Marshaller<byte[]> s_bytes = Marshallers.Create(b => b, b => b);

    private static readonly Method<byte[], byte[]> s_lookup = new(
        MethodType.Unary, "catalog.serving.v1.FeatureLookup", "Lookup", s_bytes, s_bytes);

    private readonly GrpcChannel _channel;
    private readonly CallInvoker _calls;
    private readonly Metadata _key;
    private readonly byte[] _features;
    private ulong _schema;
    private bool _receipt;

    private LookupCaller(Uri address, string key)
    {
        _channel = GrpcChannel.ForAddress(address);
        _calls = _channel.CreateCallInvoker();
        _key = new Metadata { { "authorization", $"Bearer {key}" } };
        var names = new List<byte>();
        foreach (var name in Enumerable.Range(0, FloatTable.Features).Select(i => $"bench/view:f{i}"))
            names.AddRange(Field(1, Encoding.UTF8.GetBytes(name)));
        _features = Field(2, [.. names]);
    }

    /// <summary>A client that has asked once, and so knows the schema.</summary>
    public static async Task<LookupCaller> ConnectAsync(Uri address, string key, bool receipt = false)
    {
        var caller = new LookupCaller(address, key) { _receipt = receipt };
        var first = await caller.CallAsync([0]);
        caller._schema = BinaryPrimitives.ReadUInt64LittleEndian(first.AsSpan(1));
        return caller;
    }

    /// <summary>Reads features of keys; the answer holds as many rows as there are keys.</summary>
    public async Task ReadAsync(long[] keys)
    {
        var answer = await CallAsync(keys);
        if (answer.Length < keys.Length * FloatTable.Features * sizeof(float))
            throw new InvalidOperationException($"{keys.Length} rows came in {answer.Length} bytes.");
    }

    public void Dispose() => _channel.Dispose();

    private async Task<byte[]> CallAsync(long[] keys)
    {
        using var call = _calls.AsyncUnaryCall(s_lookup, host: null, new CallOptions(_key), Request(keys));
        return await call.ResponseAsync;
    }

    private byte[] Request(long[] keys)
    {
        var numbers = new byte[keys.Length * sizeof(long)];
        for (var i = 0; i < keys.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(numbers.AsSpan(i * sizeof(long)), keys[i]);
        byte[] column = [.. Field(1, "id"u8), .. Field(2, numbers)];
        var schema = new byte[9];
        schema[0] = (4 << 3) | 1;
        BinaryPrimitives.WriteUInt64LittleEndian(schema.AsSpan(1), _schema);
        return [.. _features, .. Field(3, column), .. schema, .. _receipt ? [(5 << 3), 1] : Array.Empty<byte>()];
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
