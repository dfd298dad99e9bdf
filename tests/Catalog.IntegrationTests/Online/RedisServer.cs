using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Objects;
using Catalog.Server.Hosting;

namespace Catalog.IntegrationTests.Online;

/// <summary>A real Redis on loopback, which keeps nothing: it can be killed, and started again at its address, empty.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private static readonly TimeSpan CommandLimit = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();
    private readonly bool _isOfCluster;
    private Child? _process;

    private RedisServer(bool isOfCluster) => _isOfCluster = isOfCluster;

    public int Port { get; } = CephCluster.FreePort();

    public string Address => $"127.0.0.1:{Port}";

    public static async Task<RedisServer> StartAsync(bool isOfCluster = false)
    {
        var server = new RedisServer(isOfCluster);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Three servers that share the keys among them.</summary>
    public static async Task<IReadOnlyList<RedisServer>> StartClusterAsync()
    {
        var nodes = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => StartAsync(isOfCluster: true)));
        await nodes[0].CommandAsync(["--cluster", "create", .. nodes.Select(n => n.Address), "--cluster-yes"]);
        foreach (var node in nodes)
        {
            await Eventually.True(
                async () => (await node.CommandAsync("cluster", "info")).Contains("cluster_state:ok", StringComparison.Ordinal),
                "a cluster");
        }

        return nodes;
    }

    public async Task StartAgainAsync()
    {
        List<string> arguments =
        [
            "--port", $"{Port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", _folder.Path, "--daemonize", "no",
        ];
        if (_isOfCluster)
        {
            arguments.AddRange(
            [
                "--cluster-enabled", "yes", "--cluster-port", $"{CephCluster.FreePort()}", "--cluster-node-timeout", "2000",
                "--cluster-require-full-coverage", "no",
            ]);
        }

        _process = await Child.StartAsync(Launch.Dependent(Requires.Program("redis-server"), arguments, account: null, Signal.Kill));
        await Eventually.True(async () => (await CommandAsync("ping")).StartsWith("PONG", StringComparison.Ordinal), "a Redis");
    }

    /// <summary>As <c>kill -9</c>.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process)
            return;
        process.Send(Signal.Kill);
        await process.Exited;
        _process = null;
    }

    /// <summary>What <c>redis-cli</c> answers.</summary>
    public async Task<string> CommandAsync(params string[] command)
    {
        var start = Launch.Program(Requires.Program("redis-cli"), ["-p", $"{Port}", .. command]);
        return (await CommandResult.RunAsync(start, CommandLimit, TestContext.Current.CancellationToken)).Output;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Dispose();
    }
}
