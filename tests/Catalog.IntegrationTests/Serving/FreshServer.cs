using Catalog.IntegrationTests.Hosting;
using Catalog.Server;

namespace Catalog.IntegrationTests.Serving;

/// <summary>A catalog of its own in this process, in which there is nothing yet.</summary>
internal sealed class FreshServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly CatalogServer _server;

    private FreshServer(TemporaryFolder folder, CatalogServer server, Api api) => (_folder, _server, Api) = (folder, server, api);

    /// <summary>With the admin key.</summary>
    public Api Api { get; }

    public CatalogServer Server => _server;

    /// <summary>Connection string of its database.</summary>
    public string Database => _server.Postgres?.ConnectionString ?? "";

    public static async Task<FreshServer> StartAsync(Func<ServerOptions, ServerOptions>? with = null, LogLines? log = null)
    {
        await Requires.PostgresAsync();
        var folder = new TemporaryFolder();
        var options = new ServerOptions { DataFolder = folder["data"], Url = "http://127.0.0.1:0" };
        var server = await CatalogServer.StartAsync(with?.Invoke(options) ?? options, logging => log?.AddTo(logging));
        return new FreshServer(folder, server, new Api(server.Address, await KeyFile.ReadAsync(folder["data"])));
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await _server.DisposeAsync();
        _folder.Dispose();
    }
}
