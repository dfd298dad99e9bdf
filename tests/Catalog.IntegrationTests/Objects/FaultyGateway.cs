using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Catalog.IntegrationTests.Objects;

/// <summary>
/// The network between a client and a gateway, with faults: each new connection has the next of those asked for, and none once they are
/// used up.
/// </summary>
internal sealed class FaultyGateway : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<Fault> _faults = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Uri _gateway;
    private readonly Task _accepting;
    private int _connections;

    public FaultyGateway(Uri gateway)
    {
        _gateway = gateway;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public int Connections => _connections;

    /// <summary>Answers instead of the gateway, and hangs up.</summary>
    public void Answer(string head) => _faults.Enqueue(new Fault(head, long.MaxValue));

    /// <summary>Hangs up after so many bytes from the gateway.</summary>
    public void CutAfter(long bytes) => _faults.Enqueue(new Fault(Answer: null, bytes));

    public async ValueTask DisposeAsync()
    {
        // Who is about to accept again finds the token cancelled, and the listener still there.
        await _end.CancelAsync();
        await _accepting;
        _listener.Stop();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                Interlocked.Increment(ref _connections);
                serving.Add(ServeAsync(client, _faults.TryDequeue(out var fault) ? fault : new Fault(Answer: null, long.MaxValue)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client, Fault fault)
    {
        try
        {
            using (client)
            {
                if (fault.Answer is { } answer)
                    await AnswerAsync(client.GetStream(), answer);
                else
                    await JoinAsync(client, fault.BytesBack);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // One of the two has gone.
        }
    }

    private async Task AnswerAsync(NetworkStream client, string answer)
    {
        _ = await client.ReadAsync(new byte[64 * 1024], _end.Token);
        await client.WriteAsync(Encoding.ASCII.GetBytes(answer), _end.Token);
    }

    private async Task JoinAsync(TcpClient client, long bytesBack)
    {
        using var gateway = new TcpClient();
        await gateway.ConnectAsync(_gateway.Host, _gateway.Port, _end.Token);
        var there = client.GetStream().CopyToAsync(gateway.GetStream(), _end.Token);
        var back = CopyAsync(gateway.GetStream(), client.GetStream(), bytesBack);
        await Task.WhenAny(there, back);
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, long bytes)
    {
        var buffer = new byte[64 * 1024];
        for (var left = bytes; left > 0;)
        {
            var read = await from.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), _end.Token);
            if (read == 0)
                return;
            await to.WriteAsync(buffer.AsMemory(0, read), _end.Token);
            left -= read;
        }
    }

    private sealed record Fault(string? Answer, long BytesBack);
}
