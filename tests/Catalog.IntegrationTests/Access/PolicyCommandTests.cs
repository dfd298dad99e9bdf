using System.Text.Json;
using Catalog.Access;
using Catalog.Cli;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;

namespace Catalog.IntegrationTests.Access;

/// <summary>What governors do: see why somebody is denied, grant it, and see later whose access that changed.</summary>
public sealed class PolicyCommandTests(ServerFixture server) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Somebody_is_denied_learns_why_is_granted_it_in_part_and_the_change_can_be_seen_later()
    {
        using var admin = await ClientOf.AdminAsync(server);
        var (who, ns) = (New.Name("ada"), New.Name("ns"));
        var node = await CommittedAsync(admin, ns);
        var key = await admin.Keys.CreateAsync(who, Role.None, principal: who);
        var file = Written(who, ns, "training");

        Assert.Equal(0, (await GovernAsync("policy", "apply", file, "--yes")).Code);
        var denied = await RunAsync(key.Key, "access", "authorize", "read-data", node, "--purpose", "analytics");
        Assert.Equal(1, denied.Code);
        var explained = await RunAsync(key.Key, "access", "explain", "read-data", node, "--purpose", "analytics");
        Assert.Contains(
            $"near misses\tThe permission '{ns}/read' fails only at purposes: it is for training, and analytics was declared.",
            explained.Out,
            StringComparison.Ordinal);
        Assert.Equal((1, 0), ((await ShowAsync(key.Key, node, "analytics")).Code, (await ShowAsync(key.Key, node, "training")).Code));
        var before = JsonDocument.Parse((await GovernAsync("policy", "list", "--json")).Out).RootElement.GetProperty("position");

        file = Written(who, ns, "analytics");
        Assert.Contains($"{ns}/read\tchange\tpurposes\ttraining\tanalytics", (await GovernAsync("policy", "plan", file)).Out);
        Assert.Equal(0, (await GovernAsync("policy", "apply", file, "--yes")).Code);

        var allowed = await RunAsync(key.Key, "access", "authorize", "read-data", node, "--purpose", "analytics");
        Assert.Equal(
            (0, $"{who} may read-data {node} for analytics: allowed, with carrier as hash, and only rows where id < 5\n"), allowed);
        Assert.Equal((0, 1), ((await ShowAsync(key.Key, node, "analytics")).Code, (await ShowAsync(key.Key, node, "training")).Code));

        string[] question = ["access", "authorize", "read-data", node, "--purpose", "analytics", "--principal", who];
        Assert.Equal(0, (await GovernAsync(question)).Code);
        Assert.Equal(1, (await GovernAsync([.. question, "--as-of", before.ToString()])).Code);

        var changes = (await GovernAsync("policy", "diff", "--from", before.ToString(), "--node", node)).Out;
        Assert.Contains($"{ns}/read\tchange\tpurposes\ttraining\tanalytics\n", changes, StringComparison.Ordinal);
        Assert.Contains($"{who}\tgains access\tanalytics\tdenied, because nothing allows it\tallowed, with carrier", changes);
        Assert.Contains($"{who}\tloses access\ttraining\tallowed, with carrier", changes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_waits_for_two_is_done_once_two_others_approved_it()
    {
        using var admin = await ClientOf.AdminAsync(server);
        var ns = New.Name("ns");
        var node = await CommittedAsync(admin, ns);
        var (ann, bob, eve) = (await WriterAsync(admin), await WriterAsync(admin), await WriterAsync(admin));
        var file = Written(
            $$"""
            statements:
              - {id: {{ns}}/two, effect: require, principals: '*', actions: alias, resources: 'namespace:{{ns}}',
                 require: {approvals: 2}, reason: Two look at it.}
            """);
        Assert.Equal(0, (await GovernAsync("policy", "apply", file, "--yes")).Code);
        Task<(int Code, string Out)> AliasAsync() => RunAsync(eve, "dataset", "alias", $"{ns}/flights", "gold", "1");
        Task<(int Code, string Out)> ApproveAsync(string key, params string[] more) =>
            RunAsync(key, ["access", "approve", "alias", node, "--reason", "Looked at it.", .. more]);

        Assert.Equal(1, (await AliasAsync()).Code);
        Assert.Equal((0, $"{node} approved: alias\n"), await ApproveAsync(ann));
        Assert.Equal(0, (await ApproveAsync(eve)).Code);
        Assert.Equal(1, (await AliasAsync()).Code);
        Assert.Equal(0, (await ApproveAsync(bob, "--expires", "1d")).Code);
        Assert.Equal(0, (await ApproveAsync(ann, "--withdraw")).Code);
        Assert.Equal(1, (await AliasAsync()).Code);
        Assert.Equal(0, (await ApproveAsync(ann)).Code);
        Assert.Equal(0, (await AliasAsync()).Code);
    }

    private static async Task<string> WriterAsync(CatalogClient admin) =>
        (await admin.Keys.CreateAsync(New.Name("writer"), Role.Writer)).Key;

    private static async Task<string> CommittedAsync(CatalogClient admin, string ns)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["up"]);
        Tables.Write(folder["up"], "flights.parquet", rows: 10);
        var name = new QualifiedName(ns, "flights");
        await admin.Datasets.RegisterAsync(name, new Registration("team"));
        var committed = await admin.Datasets.CommitAsync(name, NewVersion.Of(Path.Combine(folder["up"], "flights.parquet")));
        await admin.Datasets.TagAsync(name, "pii.carrier", column: "carrier");
        return committed.Node.ToString();
    }

    private string Written(string who, string ns, string purpose) => Written(
        $$"""
        statements:
          - id: {{ns}}/read
            effect: allow
            principals: [{{who}}]
            actions: [read-data, read]
            resources: ['namespace:{{ns}}']
            purposes: {{purpose}}
            reason: It is their work.
          - {id: {{ns}}/hash, effect: mask, principals: {{who}}, resources: 'namespace:{{ns}}', tags: pii, mask: hash, reason: Personal.}
          - {id: {{ns}}/few, effect: filter, principals: {{who}}, resources: 'namespace:{{ns}}', rows: id < 5, reason: It is enough.}
        """);

    private string Written(string text)
    {
        var path = _folder[$"{New.Name("policies")}.yaml"];
        File.WriteAllText(path, text);
        return path;
    }

    private Task<(int Code, string Out)> ShowAsync(string key, string node, string purpose) =>
        RunAsync(key, "dataset", "show", node, "--purpose", purpose);

    /// <summary>With the admin key.</summary>
    private async Task<(int Code, string Out)> GovernAsync(params string[] args) =>
        await RunAsync((await server.ApiAsync()).Key ?? "", args);

    private async Task<(int Code, string Out)> RunAsync(string key, params string[] args)
    {
        await using var output = new StringWriter();
        var terminal = Terminal.System with
        {
            Out = output,
            Error = output,
            OutIsTerminal = false,
            ErrorIsTerminal = false,
            InIsTerminal = false,
            Connect = (_, _, options) => new CatalogClient(server.Server.Address, key, options),
        };
        var code = await CatalogCommand.RunAsync(args, terminal, TestContext.Current.CancellationToken);
        return (code, output.ToString().ReplaceLineEndings("\n"));
    }
}
