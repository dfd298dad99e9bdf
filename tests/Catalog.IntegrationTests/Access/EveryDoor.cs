using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Apache.Arrow.Flight.Client;
using Catalog.IntegrationTests.Serving;
using Grpc.Core;
using Grpc.Net.Client;

namespace Catalog.IntegrationTests.Access;

/// <summary>What each door of a server says to whoever comes with a key or token.</summary>
internal static class EveryDoor
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Over HTTP, in the shapes of each protocol; by address.</summary>
    public static async Task<IReadOnlyDictionary<string, Answer>> HttpAsync(FreshServer fresh, string credential)
    {
        using var api = new Api(fresh.Server.Address, credential);
        var answers = new Dictionary<string, Answer>(StringComparer.Ordinal);
        foreach (var path in (string[])["/v1/whoami", "/v1/keys", "/api/v1/namespaces", "/delta-sharing/shares", "/metrics"])
            answers[path] = await api.GetAsync(path);
        answers["/get-online-features"] = await api.PostAsync("/get-online-features", """{"features":["x:y"],"entities":{"a":["b"]}}""");
        answers["/api/v1/lineage"] = await api.PostAsync("/api/v1/lineage", "{}");
        return answers;
    }

    /// <summary>Over Arrow Flight.</summary>
    public static async Task<(StatusCode Status, string Said)> FlightAsync(FreshServer fresh, string credential)
    {
        using var channel = GrpcChannel.ForAddress(fresh.Server.FlightAddress ?? throw new InvalidOperationException("No Flight."));
        try
        {
            var calls = new FlightClient(channel).ListActions(new Metadata { { "authorization", $"Bearer {credential}" } });
            var said = new StringBuilder();
            await foreach (var action in calls.ResponseStream.ReadAllAsync(Ct))
                said.Append(action.Type);
            return (StatusCode.OK, said.ToString());
        }
        catch (RpcException e)
        {
            return (e.StatusCode, $"{e.Status} {string.Join(' ', e.Trailers.Select(t => $"{t.Key}={t.Value}"))}");
        }
    }

    /// <summary>In the protocol of Redis: the reply to AUTH.</summary>
    public static async Task<string> RedisAsync(FreshServer fresh, string credential)
    {
        var address = fresh.Server.RespAddress ?? throw new InvalidOperationException("No address.");
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Parse(address.Host), address.Port, Ct);
        var auth = string.Create(CultureInfo.InvariantCulture, $"*2\r\n$4\r\nAUTH\r\n${credential.Length}\r\n{credential}\r\n");
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(auth), Ct);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadLineAsync(Ct) ?? "";
    }
}
