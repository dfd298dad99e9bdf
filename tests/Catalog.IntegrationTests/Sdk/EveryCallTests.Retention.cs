using Catalog.IntegrationTests.Serving;
using Catalog.Retention;
using Catalog.Sdk;

namespace Catalog.IntegrationTests.Sdk;

public sealed partial class EveryCallTests
{
    [Fact]
    public async Task Versions_are_kept_held_and_let_go()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var name = await RegisteredAsync(catalog);
        await catalog.Datasets.CommitAsync(name, NewVersion.Of(Written("k.txt", "k")));

        Assert.True((await catalog.Retention.DeclareAsync(name, new RetentionPolicy(30, KeepLatest: 2))).Changed);
        Assert.True((await catalog.Retention.HoldAsync(name, "case-4", "Asked for.")).Changed);
        var listed = Assert.Single(await catalog.Retention.ListAsync(), d => d.Node == NodeId.Dataset(name.Namespace, name.Name));
        Assert.Equal((new RetentionPolicy(30, 2), "Asked for."), (listed.Retention, listed.Holds["case-4"]));
        var shown = await catalog.Datasets.GetAsync(name);
        Assert.Equal((listed.Retention, "Asked for."), (shown.Retention, shown.Holds["case-4"]));
        Assert.True((await catalog.Retention.ExpireAsync(dryRun: true)).DryRun);
        Assert.True((await catalog.Retention.ReleaseAsync(name, "case-4", "Closed.")).Changed);
        Assert.True((await catalog.Retention.WithdrawAsync(name)).Changed);
    }

    [Fact]
    public async Task What_nobody_has_is_erased_with_a_certificate()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var name = await RegisteredAsync(catalog);
        var subject = new Dictionary<string, string> { [New.Name("column")] = "nobody" };

        var plan = await catalog.Erasures.PlanAsync(subject, within: [name.Namespace]);
        Assert.Empty(plan.Versions);
        var done = await catalog.Erasures.EraseAsync(subject, "Asked for.", within: [name.Namespace]);
        Assert.Equal(plan.Subject, done.Subject);
        Assert.Equal(0, done.Certificate?.Objects);
        Assert.Equal(done.CertificateHash, (await catalog.Erasures.GetAsync(done.Id)).CertificateHash);
        Assert.Contains(await catalog.Erasures.ListAsync(), e => e.Id == done.Id && e.Completed);
    }
}
