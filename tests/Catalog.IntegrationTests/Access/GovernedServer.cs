using System.Text.Json;
using System.Text.Json.Nodes;
using Catalog.IntegrationTests.Access;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;

[assembly: AssemblyFixture(typeof(GovernedServer))]

namespace Catalog.IntegrationTests.Access;

/// <summary>
/// A catalog of its own in this process, where tests say what policies are: each of its own namespaces and principals, with statements of
/// its own, none of which is pruned.
/// </summary>
public sealed class GovernedServer : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1, 1);

    // What is listed to be applied again must not be changed by others in between.
    private readonly SemaphoreSlim _applying = new(1, 1);
    private readonly TemporaryFolder _folder = new();
    private FreshServer? _server;

    internal FreshServer Server => _server ?? throw new InvalidOperationException("Ask for the API first.");

    internal string Root => _folder["files"];

    /// <summary>With the admin key.</summary>
    internal async Task<Api> AdminAsync()
    {
        await _starting.WaitAsync();
        try
        {
            Directory.CreateDirectory(Root);
            _server ??= await FreshServer.StartAsync(o => o with { Roots = [Root] });
            return _server.Api;
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>A key of somebody whom policies alone allow anything.</summary>
    internal async Task<(Api Api, string Principal)> SomebodyAsync(string role = "none")
    {
        var admin = await AdminAsync();
        var principal = New.Name("someone");
        var key = (await admin.PostAsync("/v1/keys", new { name = principal, role, principal })).Expect(201);
        return (new Api(Server.Server.Address, key["key"].GetString()), principal);
    }

    /// <summary>A dataset with one version of a hundred flights.</summary>
    internal async Task<DatasetName> FlightsAsync(string ns, string name = "flights")
    {
        var api = await AdminAsync();
        var dataset = await New.DatasetAsync(api, ns, name);
        var folder = Directory.CreateDirectory(Path.Combine(Root, New.Name("folder"))).FullName;
        await CommitAsync(dataset, Tables.Write(folder, "flights.parquet", rows: 100));
        return dataset;
    }

    internal async Task<long> CommitAsync(DatasetName dataset, string uri, Guid? run = null) =>
        (await (await AdminAsync()).PostAsync(
            dataset.Versions, new { files = new[] { new { path = "flights.parquet", uri } }, run })).Expect(201).Version;

    /// <summary>Makes statements what they are to be; only what is given differs from a permission to read data.</summary>
    internal async Task<Answer> ApplyAsync(params IEnumerable<object> statements)
    {
        var admin = await AdminAsync();
        await _applying.WaitAsync();
        try
        {
            return await admin.PostAsync("/v1/policies/apply", new { statements = statements.Select(Whole) });
        }
        finally
        {
            _applying.Release();
        }
    }

    internal async Task WithdrawAsync(string id)
    {
        var admin = await AdminAsync();
        await _applying.WaitAsync();
        try
        {
            var listed = (await admin.GetAsync("/v1/policies")).Expect(200);
            var rest = listed["statements"].EnumerateArray().Select(s => s.GetProperty("statement"))
                .Where(s => s.GetProperty("id").GetString() != id);
            (await admin.PostAsync("/v1/policies/apply", new { statements = rest, prune = true })).Expect(200);
        }
        finally
        {
            _applying.Release();
        }
    }

    internal static JsonObject Whole(object statement)
    {
        var whole = JsonNode.Parse(
            """
            {"id":"","effect":"allow","principals":["*"],"actions":[],"resources":[],"tags":null,"purposes":[],"when":null,"notBefore":null,
             "expires":null,"columns":[],"mask":null,"rows":null,"requires":null,"reason":"because"}
            """)?.AsObject() ?? [];
        foreach (var (name, value) in JsonSerializer.SerializeToNode(statement, JsonSerializerOptions.Web)?.AsObject() ?? [])
            whole[name] = value?.DeepClone();
        return whole;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _folder.Dispose();
        _starting.Dispose();
        _applying.Dispose();
    }
}
