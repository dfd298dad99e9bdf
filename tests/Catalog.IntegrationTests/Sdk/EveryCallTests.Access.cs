using Catalog.Access;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;

namespace Catalog.IntegrationTests.Sdk;

public sealed partial class EveryCallTests
{
    [Fact]
    public async Task Keys_are_made_listed_and_revoked()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var name = New.Name("key");

        var key = await catalog.Keys.CreateAsync(name, Role.Reader, principal: name, expiresAt: TimeProvider.System.GetUtcNow().AddDays(1));
        using var reader = new CatalogClient(server.Server.Address, key.Key, new CatalogClientOptions { Purpose = Purpose.Audit });
        var me = await reader.WhoAmIAsync();
        Assert.Equal((name, Role.Reader, Purpose.Audit), (me.Principal, me.Role, me.Purpose));
        await catalog.Keys.RevokeAsync(key.Id);

        Assert.True((await catalog.Keys.ListAsync().FirstAsync(k => k.Id == key.Id)).Revoked);
        var refused = await Assert.ThrowsAsync<CatalogException>(() => reader.WhoAmIAsync());
        Assert.Equal("access.key_revoked", refused.Code);
    }

    [Fact]
    public async Task Groups_are_made_filled_shown_and_dissolved()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var (groups, outer, inner, member) = (catalog.Groups, New.Name("outer"), New.Name("in/ner"), New.Name("svc"));

        await groups.CreateAsync(outer, "May look at sales.");
        var made = await groups.CreateAsync(inner);
        Assert.True((await groups.AddAsync(outer, made.Id)).Changed);
        Assert.True((await groups.AddAsync(outer, member)).Changed);
        Assert.False((await groups.AddAsync(outer, member)).Changed);
        var refused = await Assert.ThrowsAsync<CatalogException>(() => groups.AddAsync(inner, $"group:{outer}"));
        Assert.Equal("group.cycle", refused.Code);

        var shown = await groups.GetAsync(outer);
        Assert.Equal(("May look at sales.", "admin"), (shown.Description, shown.CreatedBy));
        Assert.Equal([made.Id, member], shown.Members);
        Assert.Equal(2, (await groups.ListAsync().FirstAsync(g => g.Name == outer)).Members);
        Assert.True((await groups.RemoveAsync(outer, made.Id)).Changed);
        await groups.DissolveAsync(outer);
        Assert.True((await groups.GetAsync(outer)).Dissolved);
    }

    [Fact]
    public async Task Principals_are_registered_described_shut_out_and_let_in()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var (principals, id) = (catalog.Principals, New.Name("svc"));
        var eu = new Dictionary<string, string>(StringComparer.Ordinal) { ["region"] = "eu" };
        var key = await catalog.Keys.CreateAsync(id, Role.Reader, principal: id);
        using var client = new CatalogClient(server.Server.Address, key.Key);

        await principals.RegisterAsync(id, PrincipalKind.Service, eu);
        await principals.SetAttributesAsync(id, new Dictionary<string, string>(eu, StringComparer.Ordinal) { ["clearance"] = "high" });
        Assert.Equal(id, (await client.WhoAmIAsync()).Principal);
        await principals.DisableAsync(id);
        Assert.Equal("access.principal_disabled", (await Assert.ThrowsAsync<CatalogException>(() => client.WhoAmIAsync())).Code);

        await principals.SetProfileAsync(id, new PrincipalProfile("Training", "training@example.org"));
        var shown = await principals.GetAsync(id);
        Assert.Equal((true, PrincipalKind.Service, true), (shown.Registered, shown.Kind, shown.Disabled));
        Assert.Equal("high", shown.Attributes["clearance"]);
        Assert.Equal("training@example.org", (await principals.ListAsync().FirstAsync(p => p.Id == id)).Profile?.Email);

        await principals.EnableAsync(id);
        Assert.Equal(id, (await client.WhoAmIAsync()).Principal);
        Assert.True((await principals.EraseProfileAsync(id)).Changed);
        Assert.Null((await principals.GetAsync(id)).Profile);
    }
}
