using Catalog.Server.Hosting;

namespace Catalog.IntegrationTests.Objects;

/// <summary>A RADOS gateway: the part of Ceph that speaks S3. It can be killed and started again at its address.</summary>
internal sealed class CephGateway : IAsyncDisposable
{
    private readonly string _configuration;
    private readonly int _port;
    private Child? _process;

    private CephGateway(string configuration, int port) => (_configuration, _port) = (configuration, port);

    public static CephGateway None { get; } = new("", 0);

    public Uri Address => new($"http://127.0.0.1:{_port}");

    public static async Task<CephGateway> StartAsync(string configuration, int port)
    {
        var gateway = new CephGateway(configuration, port);
        await gateway.StartAsync();
        return gateway;
    }

    /// <summary>Starts it, and returns once it answers.</summary>
    public async Task StartAsync()
    {
        // Without tcp_nodelay every small answer waits for the client's delayed acknowledgement.
        string[] arguments =
            ["-c", _configuration, "-n", "client.rgw", "-f", $"--rgw-frontends=beast endpoint=127.0.0.1:{_port} tcp_nodelay=1"];
        _process = await Child.StartAsync(Launch.Dependent(Requires.Program("radosgw"), arguments, account: null, Signal.Kill));
        using var http = new HttpClient();
        await Eventually.True(async () => await AnswersAsync(http), "an S3 gateway");
    }

    /// <summary>As <c>kill -9</c>: connections break where they are.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process)
            return;
        process.Send(Signal.Kill);
        await process.Exited;
        _process = null;
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private async Task<bool> AnswersAsync(HttpClient http)
    {
        if (_process is { Exited.IsCompleted: true } ended)
            Assert.Fail($"radosgw ended: {string.Join('\n', ended.Lines)}");
        try
        {
            using var answer = await http.GetAsync(Address);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
