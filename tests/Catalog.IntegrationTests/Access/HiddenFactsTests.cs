using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Access;

public sealed class HiddenFactsTests(ServerFixture server)
{
    [Fact]
    public async Task Who_belongs_where_is_for_administrators_and_what_people_are_called_is_in_no_fact()
    {
        var admin = await server.ApiAsync();
        var (reader, _) = await server.ApiAsync("reader");
        var (group, id) = (New.Name("group"), New.Name("svc"));
        var made = (await admin.PostAsync("/v1/groups", new { name = group, description = "Look at sales." })).Expect(201);
        (await admin.PostAsync("/v1/principals", new { id, kind = "user", attributes = new { region = "eu" } })).Expect(201);
        (await admin.PutAsync($"/v1/principals/{id}/profile", new { displayName = "Grace", email = "grace@example.org" })).Expect(200);
        var last = (await admin.PutAsync($"/v1/groups/{group}/members/{id}")).Expect(200);

        var feed = $"/v1/changes?after={made.Position - 1}";
        var (shown, left) = ((await admin.GetAsync(feed)).Expect(200), (await reader.GetAsync(feed)).Expect(200));

        Assert.Equal(
            ["group_created", "group_member_added"],
            shown.Lines.Where(l => l.TryGetProperty("stream", out var s) && s.GetString() == $"group:{group}")
                .Select(l => l.GetProperty("type").GetString()));
        Assert.DoesNotContain(group, left.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(id, left.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Grace", shown.Text, StringComparison.Ordinal);
        foreach (var api in (Api[])[admin, reader])
            Assert.Empty((await api.GetAsync($"/v1/search?q={group}&atLeast={last.Position}")).Expect(200).Items);
        (await reader.GetAsync($"/v1/groups/{group}")).ExpectProblem(403, "access.denied");
        (await reader.GetAsync($"/v1/principals/{id}")).ExpectProblem(403, "access.denied");
    }
}
