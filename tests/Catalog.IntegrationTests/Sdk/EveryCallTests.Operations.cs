using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;
using Catalog.Tiers;
using Catalog.Usage;

namespace Catalog.IntegrationTests.Sdk;

public sealed partial class EveryCallTests
{
    [Fact]
    public async Task What_is_read_is_summed_kept_where_policies_say_and_freed()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var name = await RegisteredAsync(catalog);
        var committed = await catalog.Datasets.CommitAsync(name, NewVersion.Of(Written("u.txt", "u")));
        var version = await catalog.Datasets.ReadAsync(committed.Node);
        Assert.Equal("u", await TextAsync(await version.OpenAsync("u.txt")));

        var usage = await catalog.Usage.ReadAsync(UsageBy.Version, new UsageQuery(Node: version.Node));
        Assert.Equal((version.Node.ToString(), 1, 1), Assert.Single(usage.Rows) is var row ? (row.Key, row.Requests, row.Bytes) : default);

        var policy = new TierPolicy(ColdDays: 30_000);
        Assert.True((await catalog.Tiers.DeclareAsync(name, policy)).Changed);
        Assert.True((await catalog.Tiers.DeclareForNamespaceAsync(name.Namespace, policy)).Changed);
        await catalog.Tiers.DeclarePricesAsync(new PriceTable("EUR", Warm: new TierPrice(0.021m)));
        var tiers = await catalog.Tiers.GetAsync();
        Assert.Equal(("EUR", policy), (tiers.Prices?.Currency, tiers.Namespaces[name.Namespace]));
        Assert.Contains(new DatasetTiers(NodeId.Dataset(name.Namespace, name.Name), policy), tiers.Datasets);
        var plan = await catalog.Tiers.PlanAsync(versions: 10);
        Assert.Equal((Tier.Warm, "EUR"), (Assert.Single(plan.Tiers).Tier, plan.Costs?.Currency));
        Assert.Equal(0, (await catalog.Tiers.ApplyAsync()).Objects);
        Assert.True((await catalog.Tiers.ProgressAsync()).Done);
        Assert.True((await catalog.Tiers.WithdrawAsync(name)).Changed);
        Assert.True((await catalog.Tiers.WithdrawForNamespaceAsync(name.Namespace)).Changed);

        var left = await catalog.Objects.UploadAsync(new MemoryStream("left"u8.ToArray()));
        var garbage = await catalog.Objects.CollectGarbageAsync(dryRun: true);
        Assert.True(garbage.DryRun && garbage.UnusedObjects > 0 && garbage.FreedObjects == 0);
        Assert.True(garbage.UnusedObjects > 1_000 || garbage.Objects.Any(o => o.Sha256 == left.Sha256));
    }
}
