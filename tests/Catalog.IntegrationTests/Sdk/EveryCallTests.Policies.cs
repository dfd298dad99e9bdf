using Catalog.Access;
using Catalog.Access.Policies;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;

namespace Catalog.IntegrationTests.Sdk;

public sealed partial class EveryCallTests
{
    [Fact]
    public async Task Policies_are_planned_applied_listed_compared_and_asked()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var name = await RegisteredAsync(catalog);
        var (who, node) = (New.Name("ada"), NodeId.Dataset(name.Namespace, name.Name));
        var statement = Statement.Of($"{name.Namespace}/read", Effect.Allow, "It is their work.") with
        {
            Principals = [who],
            Actions = ["read-data", "read", "read"],
            Resources = [$"namespace:{name.Namespace}"],
            Purposes = ["analytics"],
            Expires = TimeProvider.System.GetUtcNow().AddDays(1),
        };

        var plan = await catalog.Policies.PlanAsync([statement]);
        var applied = await catalog.Policies.ApplyAsync([statement], plan: plan);
        Assert.Equal((true, plan.Hash, true), (plan.Changes, applied.Plan.Hash, applied.Changed));
        var made = Assert.Single(plan.Statements);
        Assert.Equal((PlannedChange.Create, null, statement.InOrder()), (made.Change, made.Before, made.After));
        Assert.False((await catalog.Policies.PlanAsync([statement])).Changes);
        var late = await Assert.ThrowsAsync<CatalogException>(() => catalog.Policies.ApplyAsync([statement], plan: plan));
        Assert.Equal((409, "policy.plan_stale"), (late.Status, late.Code));
        var wrong = await Assert.ThrowsAsync<CatalogException>(() => catalog.Policies.PlanAsync([statement with { Purposes = ["fun"] }]));
        Assert.Equal(400, wrong.Status);
        Assert.Contains("purposes", Assert.Single(wrong.Errors).Key, StringComparison.OrdinalIgnoreCase);

        var listed = Assert.Single((await catalog.Policies.ListAsync()).Statements, s => s.Statement.Id == statement.Id);
        Assert.Equal((statement.InOrder(), "admin"), (listed.Statement, listed.SetBy));
        Assert.DoesNotContain((await catalog.Policies.ListAsync(listed.Position - 1)).Statements, s => s.Statement.Id == statement.Id);
        var changes = await catalog.Policies.CompareAsync(listed.Position - 1, listed.Position, node, Act.Read);
        var flip = Assert.Single(changes.Flips, f => f.Principal == who);
        Assert.Equal(
            (Purpose.Analytics, AccessGround.NothingAllows, AccessGround.Allowed), (flip.Purpose, flip.Before.Ground, flip.After.Ground));

        var question = new AccessQuestion { Principal = who, Purpose = Purpose.Analytics, Role = Role.None, Groups = ["some"] };
        var now = await catalog.Access.ExplainAsync(Act.ReadData, node, question);
        Assert.Equal((true, who, Role.None), (now.Allowed, now.Principal, now.Role));
        Assert.Equal(statement.InOrder(), Assert.Single(now.Statements));
        Assert.Equal(["some"], now.Groups);
        var then = await catalog.Access.ExplainAsync(Act.ReadData, node, question with { AsOf = listed.Position - 1 });
        Assert.Equal((false, AccessGround.NothingAllows), (then.Allowed, then.Ground));
        var missed = await catalog.Access.ExplainAsync(
            Act.ReadData, node, question with { Purpose = null, AsOf = listed.SetAt.AddMinutes(1) });
        Assert.Equal((statement.Id, "purposes"), Assert.Single(missed.NearMisses) is var near ? (near.Statement, near.Clause) : default);
        Assert.Equal("admin", (await catalog.Access.ExplainAsync(Act.Govern)).Principal);
    }

    [Fact]
    public async Task Who_can_and_did_is_reported_and_what_was_decided_is_held_against_a_draft()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var name = await RegisteredAsync(catalog);
        var (who, node) = (New.Name("ada"), NodeId.Dataset(name.Namespace, name.Name));
        var key = await catalog.Keys.CreateAsync(who, Role.None, who);
        using var ada = new CatalogClient(server.Server.Address, key.Key);
        var denied = await Assert.ThrowsAsync<CatalogException>(() => ada.Datasets.GetAsync(name));
        Assert.Equal("access.denied", denied.Code);

        var report = await catalog.Access.ReportAsync(node, from: TimeProvider.System.GetUtcNow().AddDays(-1));
        var refused = Assert.Single(report.Refused);
        Assert.Equal((who, "read", AccessGround.NothingAllows), (refused.Principal, refused.Act, refused.Ground));
        Assert.Contains(report.Can, c => c.Principal == "admin");
        var draft = Statement.Of("draft", Effect.Allow, "A draft.") with { Principals = [who], Actions = ["read"] };
        var tried = await catalog.Policies.TryAsync([draft]);
        Assert.Equal(AccessGround.Allowed, Assert.Single(tried.Flips, f => f.Principal == who).WouldBe.Ground);
    }

    [Fact]
    public async Task What_waits_is_approved_and_tags_end()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var name = await RegisteredAsync(catalog);
        var node = NodeId.Dataset(name.Namespace, name.Name);
        var until = TimeProvider.System.GetUtcNow().AddDays(1);

        Assert.True((await catalog.Access.ApproveAsync(Act.Alias, node, "Looked at it.", until)).Changed);
        Assert.False((await catalog.Access.ApproveAsync(Act.Alias, node, "Looked at it.", until)).Changed);
        Assert.True((await catalog.Access.WithdrawApprovalAsync(Act.Alias, node, "Not so.")).Changed);
        Assert.True((await catalog.Access.DeclassifyAsync(node, "pii", "Sums only.")).Changed);
        Assert.True((await catalog.Access.ReclassifyAsync(node, "pii", "Not so.")).Changed);
    }
}
