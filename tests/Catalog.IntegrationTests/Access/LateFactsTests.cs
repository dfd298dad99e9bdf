using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Access;

/// <summary>Facts about policies that come late, or that cannot be read: none is left out, and none counts out of its turn.</summary>
public sealed class LateFactsTests
{
    private const int CannotFollow = 2010;

    [Fact]
    public async Task A_statement_that_came_late_counts_from_where_it_stands()
    {
        await using var fresh = await FreshServer.StartAsync();
        var (reader, dataset, deny) = await StartAsync(fresh);
        await ApplyAsync(fresh, deny);
        (await reader.GetAsync(dataset.Url)).ExpectProblem(403, "access.denied");
        await WithdrawAllAsync(fresh);
        var early = await TakeNumberAsync(fresh);
        await ApplyAsync(fresh, deny);
        await WithdrawAllAsync(fresh);
        var late = await TakeNumberAsync(fresh);
        await New.DatasetAsync(fresh.Api);
        await Eventually.True(async () => await PositionAsync(fresh) > late, "nobody waits for the numbers any more");
        (await reader.GetAsync(dataset.Url)).Expect(200);

        // What came before the withdrawal is withdrawn.
        await PutAsync(fresh, early);
        await Eventually.True(async () => !await IsAllowedAsync(fresh, reader, dataset, early), "the early one is taken in");
        (await reader.GetAsync(dataset.Url)).Expect(200);

        await PutAsync(fresh, late);
        await Eventually.True(async () => (await reader.GetAsync(dataset.Url)).Code == 403, "the late one counts");
        Assert.True(await IsAllowedAsync(fresh, reader, dataset, late - 1));
        Assert.False(await IsAllowedAsync(fresh, reader, dataset, late));
    }

    [Fact]
    public async Task Behind_a_statement_that_cannot_be_read_nothing_counts_until_it_can()
    {
        using var log = new LogLines();
        await using var fresh = await FreshServer.StartAsync(log: log);
        var (reader, dataset, deny) = await StartAsync(fresh);
        await ApplyAsync(fresh, deny);
        await WithdrawAllAsync(fresh);
        await PutAsync(fresh, await TakeNumberAsync(fresh), "jsonb_build_object('statement', 7, 'was', fact.data)");
        await Eventually.True(() => log.Count(CannotFollow) > 0, "it is said that policies cannot follow");
        var before = await PositionAsync(fresh);

        // They stay as they are, and whoever changes them is told that the change does not count yet.
        (await reader.GetAsync(dataset.Url)).Expect(200);
        var principal = New.Name("someone");
        (await fresh.Api.PostAsync("/v1/policies/apply", Body(deny with { Principals = [principal] })))
            .ExpectProblem(503, "access.policies_unread");
        (await reader.GetAsync(dataset.Url)).Expect(200);
        Assert.Equal(before, await PositionAsync(fresh));

        await Sql.RunAsync(fresh.Database, "update catalog.mt_events set data = data -> 'was' where data ? 'was'");
        await Eventually.True(async () => await PositionAsync(fresh) > before, "policies follow again");
        Assert.Contains(principal, (await fresh.Api.GetAsync("/v1/policies")).Expect(200).Text);
    }

    private sealed record Deny(string Id, IReadOnlyList<string> Principals, string Resource);

    private static async Task<(Api Reader, DatasetName Dataset, Deny Deny)> StartAsync(FreshServer fresh)
    {
        var (dataset, principal) = (await New.DatasetAsync(fresh.Api), New.Name("someone"));
        var key = (await fresh.Api.PostAsync("/v1/keys", new { name = principal, role = "reader", principal })).Expect(201);
        return (new Api(fresh.Server.Address, key["key"].GetString()), dataset, new Deny("deny", [principal], dataset.Node));
    }

    private static object Body(Deny deny) => new
    {
        statements = new[]
        {
            GovernedServer.Whole(new
            {
                id = deny.Id,
                effect = "deny",
                principals = deny.Principals,
                actions = new[] { "read" },
                resources = new[] { deny.Resource },
            }),
        },
    };

    private static async Task ApplyAsync(FreshServer fresh, Deny deny) =>
        (await fresh.Api.PostAsync("/v1/policies/apply", Body(deny))).Expect(200);

    private static async Task WithdrawAllAsync(FreshServer fresh) =>
        (await fresh.Api.PostAsync("/v1/policies/apply", new { statements = Array.Empty<object>(), prune = true })).Expect(200);

    private static async Task<long> PositionAsync(FreshServer fresh) => (await fresh.Api.GetAsync("/v1/policies")).Expect(200).Position;

    private static async Task<bool> IsAllowedAsync(FreshServer fresh, Api reader, DatasetName dataset, long position)
    {
        var who = (await reader.GetAsync("/v1/whoami")).Expect(200)["principal"].GetString();
        var question = new { act = "read", node = dataset.Node, principal = who, asOfPosition = position };
        return (await fresh.Api.PostAsync("/v1/access/explain", question)).Expect(200)["allowed"].GetBoolean();
    }

    /// <summary>As a writer does that is stopped before it writes.</summary>
    private static Task<long> TakeNumberAsync(FreshServer fresh) =>
        Sql.ReadAsync<long>(fresh.Database, "select nextval('catalog.mt_events_sequence')");

    /// <summary>Writes the first statement once more, under a number.</summary>
    private static Task PutAsync(FreshServer fresh, long number, string data = "fact.data") => Sql.RunAsync(
        fresh.Database,
        $"""
        do $$ declare fact catalog.mt_events; begin
            select * into fact from catalog.mt_events where type = 'policy_statement_set' order by seq_id limit 1;
            fact.seq_id := {number}; fact.id := gen_random_uuid(); fact.version := 1000000 + {number}; fact.data := {data};
            insert into catalog.mt_events values (fact.*);
        end $$
        """);
}
