using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.DeltaSharing;

/// <summary>What there is at the door, in a catalog of its own, because listings show everything.</summary>
public sealed class ShareTests(ServerFixture server)
{
    private const string Root = "/delta-sharing/shares";

    [Fact]
    public async Task Shares_schemas_and_tables_are_listed_in_pages()
    {
        await using var fresh = await FreshServer.StartAsync();
        var api = fresh.Api;
        var folder = server.NewFolder();
        foreach (var (ns, name) in ((string, string)[])[("a", "one"), ("a", "two"), ("b.c", "x y"), ("d", new string('.', 100))])
            await SharedTable.CommitAsync(api, await New.DatasetAsync(api, ns, name), folder, inPlace: false, 1);
        await New.DatasetAsync(api, "a", "empty");
        var files = await New.DatasetAsync(api, "e", "files");
        var stored = (await api.UploadAsync("x"u8.ToArray())).Expect(201)["sha256"].GetString();
        (await api.PostAsync(files.Versions, new { files = new[] { new { path = "x.txt", sha256 = stored } } })).Expect(201);
        var retired = await New.DatasetAsync(api, "a", "retired");
        await SharedTable.CommitAsync(api, retired, folder, inPlace: false, 1);
        var position = (await api.PostAsync($"{retired.Url}/retire", new { reason = "old" })).Expect(201).Position;
        (await api.GetAsync($"/v1/datasets?atLeast={position}")).Expect(200);

        Assert.Equal(["catalog"], await AllAsync(Root, 1, "name"));
        Assert.Equal("""{"share":{"name":"catalog"}}""", (await api.GetAsync($"{Root}/Catalog")).Expect(200).Text);
        Assert.Equal(["a", "b~2Ec", "d"], await AllAsync($"{Root}/catalog/schemas", 1, "name"));
        Assert.Equal(["a", "b~2Ec", "d"], await AllAsync($"{Root}/catalog/schemas", 10, "name"));
        Assert.Equal(["one", "two"], await AllAsync($"{Root}/catalog/schemas/a/tables", 1, "name"));
        Assert.Equal(["x~20y"], await AllAsync($"{Root}/catalog/schemas/b~2Ec/tables", 1, "name"));
        Assert.Equal(["one", "two"], await AllAsync($"{Root}/catalog/schemas/A/tables", 1, "name"));
        TableTests.Expect(await api.GetAsync($"{Root}/catalog/schemas/nothing/tables"), 404, "RESOURCE_DOES_NOT_EXIST");
        TableTests.Expect(await api.GetAsync($"{Root}/catalog/schemas/e/tables"), 404, "RESOURCE_DOES_NOT_EXIST");
        Assert.Equal(["one", "two", "x~20y"], await AllAsync($"{Root}/catalog/all-tables", 2, "name"));

        var table = (await api.GetAsync($"{Root}/catalog/all-tables")).Expect(200).Items[0];
        Assert.Equal(
            ("one", "a", "catalog"),
            (table.GetProperty("name").GetString(), table.GetProperty("schema").GetString(), table.GetProperty("share").GetString()));
        var metaData = (await api.GetAsync($"{Root}/catalog/schemas/a/tables/one/metadata")).Expect(200).Lines[1].GetProperty("metaData");
        Assert.Equal(table.GetProperty("id").GetGuid(), metaData.GetProperty("id").GetGuid());
        Assert.Equal(1, SharedTable.VersionOf(await new SharedTable("a", "retired").QueryAsync(api)));

        var none = (await api.GetAsync($"{Root}/catalog/all-tables?maxResults=0")).Expect(200);
        Assert.Empty(none.Items);
        Assert.NotNull(none["nextPageToken"].GetString());

        async Task<List<string?>> AllAsync(string url, int limit, string member)
        {
            var found = new List<string?>();
            for (string? token = ""; token is not null;)
            {
                var page = (await api.GetAsync($"{url}?maxResults={limit}&pageToken={Uri.EscapeDataString(token)}")).Expect(200);
                Assert.InRange(page.Items.Count, 0, limit);
                found.AddRange(page.Items.Select(i => i.GetProperty(member).GetString()));
                token = page.Json.TryGetProperty("nextPageToken", out var next) ? next.GetString() : null;
            }

            return found;
        }
    }

    [Fact]
    public async Task A_token_of_another_listing_is_refused()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        await SharedTable.CommitAsync(api, dataset, server.NewFolder(), inPlace: true, 1);
        var token = (await api.GetAsync($"{Root}?maxResults=0")).Expect(200)["nextPageToken"].GetString();

        (await api.GetAsync($"{Root}?pageToken={token}")).Expect(200);
        TableTests.Expect(await api.GetAsync($"{Root}/catalog/schemas?pageToken={token}"), 400, "INVALID_PARAMETER_VALUE");
        TableTests.Expect(await api.GetAsync($"{Root}?pageToken=x"), 400, "INVALID_PARAMETER_VALUE");
        TableTests.Expect(await api.GetAsync($"{Root}?maxResults=-1"), 400, "INVALID_PARAMETER_VALUE");
        TableTests.Expect(await api.GetAsync($"{Root}?maxResults=x"), 400, "INVALID_PARAMETER_VALUE");
    }
}
