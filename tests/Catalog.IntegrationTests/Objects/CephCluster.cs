using System.Net;
using System.Net.Sockets;
using Catalog.IntegrationTests.Hosting;
using Catalog.Server.Hosting;

namespace Catalog.IntegrationTests.Objects;

/// <summary>
/// A real S3 server on loopback: Ceph's monitor, storage daemon and RADOS gateway, from the distribution's packages. The daemons end with
/// this process, however that ends.
/// </summary>
internal sealed class CephCluster : IAsyncDisposable
{
    public const string AccessKey = "CATALOGTESTACCESSKEY";
    public const string SecretKey = "a-secret-of-tests-only/+=";
    private static readonly TimeSpan CommandLimit = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly List<Child> _daemons = [];

    private CephCluster() { }

    /// <summary>The gateway that most tests share.</summary>
    public CephGateway Gateway { get; private set; } = CephGateway.None;

    public static async Task<CephCluster> StartAsync()
    {
        Requires.Linux();
        foreach (var program in (string[])["ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "monmaptool", "ceph-authtool"])
            Requires.Program(program);

        var cluster = new CephCluster();
        try
        {
            await cluster.StartMonitorAsync();
            await cluster.StartStorageAsync();
            cluster.Gateway = await cluster.NewGatewayAsync();
            await cluster.RunAsync(
                "radosgw-admin", "-n", "client.rgw", "user", "create", "--uid=test", "--display-name=test",
                $"--access-key={AccessKey}", $"--secret-key={SecretKey}");
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>One more gateway to the same objects, for a test that stops it.</summary>
    public Task<CephGateway> NewGatewayAsync() => CephGateway.StartAsync(Configuration, FreePort());

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        foreach (var daemon in _daemons.AsEnumerable().Reverse())
        {
            daemon.Send(Signal.Kill);
            await daemon.Exited;
        }

        _folder.Dispose();
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private string Configuration => _folder["ceph.conf"];

    private async Task StartMonitorAsync()
    {
        foreach (var name in (string[])["mon", "osd", "rgw"])
            Directory.CreateDirectory(_folder[name]);
        var id = Guid.CreateVersion7();
        var port = FreePort();
        await File.WriteAllTextAsync(Configuration, CephSettings.Text(_folder.Path, id, port, FreePort()) + "\n");
        await MakeKeysAsync();
        var addresses = $"[v2:127.0.0.1:{port},v1:127.0.0.1:{port + 1}]";
        await RunAsync("monmaptool", "--create", "--fsid", $"{id}", "--addv", "a", addresses, _folder["monmap"]);
        await RunAsync("ceph-mon", "--keyring", _folder["keyring"], "--mkfs", "-i", "a", "--monmap", _folder["monmap"]);
        await StartDaemonAsync("ceph-mon", "-i", "a");
        await Eventually.True(async () => (await TryAsync("ceph", "--connect-timeout", "5", "osd", "stat")).ExitCode == 0, "a monitor");
    }

    private async Task StartStorageAsync()
    {
        var id = $"{Guid.CreateVersion7()}";
        await RunAsync("ceph", "osd", "new", id);
        await RunAsync("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", id);
        await StartDaemonAsync("ceph-osd", "-i", "0");
        await Eventually.True(async () => (await TryAsync("ceph", "osd", "stat")).Output.Contains("1 up"), "a storage daemon");
    }

    private async Task MakeKeysAsync()
    {
        string[][] keys =
        [
            ["--create-keyring", "--gen-key", "-n", "mon.", "--cap", "mon", "allow *"],
            ["--gen-key", "-n", "client.admin", "--cap", "mon", "allow *", "--cap", "osd", "allow *"],
            ["--gen-key", "-n", "osd.0", "--cap", "mon", "allow profile osd", "--cap", "osd", "allow *"],
            ["--gen-key", "-n", "client.rgw", "--cap", "mon", "allow rwx", "--cap", "osd", "allow rwx"],
        ];
        foreach (var key in keys)
            await RunAsync("ceph-authtool", [_folder["keyring"], .. key]);
    }

    private async Task StartDaemonAsync(string program, params string[] arguments) =>
        _daemons.Add(await Child.StartAsync(
            Launch.Dependent(Requires.Program(program), ["-c", Configuration, .. arguments, "-f"], account: null, Signal.Kill)));

    private async Task RunAsync(string program, params string[] arguments)
    {
        var result = await TryAsync(program, arguments);
        Assert.True(result.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {result.Errors}");
    }

    private Task<CommandResult> TryAsync(string program, params string[] arguments) => CommandResult.RunAsync(
        Launch.Program(Requires.Program(program), ["-c", Configuration, .. arguments]), CommandLimit, CancellationToken.None);
}
