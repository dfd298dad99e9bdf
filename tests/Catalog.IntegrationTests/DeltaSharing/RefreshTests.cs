using System.Text.Json;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.DeltaSharing;

/// <summary>Reading for longer than addresses last, as Spark does it: on a server whose addresses are good for two seconds.</summary>
public sealed class RefreshTests(ServerFixture server)
{
    private static readonly TimeSpan s_lifetime = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task A_read_that_outlasts_its_addresses_goes_on_with_the_same_files_though_the_table_moves_on()
    {
        var root = server.NewFolder();
        await using var fresh = await FreshServer.StartAsync(o => o with { UrlLifetime = s_lifetime, Roots = [root] });
        var dataset = await New.DatasetAsync(fresh.Api);
        await SharedTable.CommitAsync(fresh.Api, dataset, root, inPlace: false, 5_000);
        await SharedTable.CommitAsync(fresh.Api, dataset, root, inPlace: true, 5_000, 6_000);
        var table = SharedTable.Of(dataset);
        using var stranger = new Api(fresh.Server.Address, key: null);

        var answer = await table.QueryAsync(fresh.Api, new { includeRefreshToken = true });
        Assert.Equal(2, SharedTable.VersionOf(answer));
        var files = SharedTable.FilesOf(answer);
        var halves = new List<byte[]>();
        foreach (var file in files)
            halves.Add((await stranger.GetAsync(PathOf(file), ("Range", $"bytes=0-{SizeOf(file) / 2}"))).Expect(206).Bytes);

        await SharedTable.CommitAsync(fresh.Api, dataset, root, inPlace: true, 7);
        await Eventually.True(async () => (await stranger.GetAsync(PathOf(files[0]))).Code == 403, "the addresses run out");
        (await stranger.GetAsync(PathOf(files[0]))).ExpectProblem(403, "url.expired");

        var token = EndOf(answer).GetProperty("refreshToken").GetString();
        for (var round = 0; round < 2; round++)
        {
            var refreshed = await table.QueryAsync(fresh.Api, new { refreshToken = token, includeRefreshToken = true });
            Assert.Equal(2, SharedTable.VersionOf(refreshed));
            var again = SharedTable.FilesOf(refreshed);
            Assert.Equal(files.Select(IdOf), again.Select(IdOf));
            for (var i = 0; i < again.Count; i++)
            {
                var rest = (await stranger.GetAsync(PathOf(again[i]), ("Range", $"bytes={halves[i].Length}-"))).Expect(206).Bytes;
                Assert.Equal(IdOf(again[i]), New.Sha256([.. halves[i], .. rest]));
            }

            await Eventually.True(async () => (await stranger.GetAsync(PathOf(again[0]))).Code == 403, "the new addresses run out");
            token = EndOf(refreshed).GetProperty("refreshToken").GetString();
        }

        Assert.Equal(3, SharedTable.VersionOf(await table.QueryAsync(fresh.Api)));
    }

    [Fact]
    public async Task An_answer_ends_with_a_line_of_its_own_where_that_is_asked_for()
    {
        var api = await server.ApiAsync();
        var (dataset, other) = (await New.DatasetAsync(api), await New.DatasetAsync(api));
        foreach (var one in (DatasetName[])[dataset, other])
            await SharedTable.CommitAsync(api, one, server.NewFolder(), inPlace: true, 10, 20);
        var table = SharedTable.Of(dataset);

        var plain = await table.QueryAsync(api);
        var ended = await table.QueryAsync(
            api, body: null, ("delta-sharing-capabilities", "responseFormat=delta,parquet;includeEndStreamAction=true"));
        var withToken = await table.QueryAsync(api, new { includeRefreshToken = true });

        Assert.DoesNotContain("endStreamAction", plain.Text, StringComparison.Ordinal);
        Assert.Equal(["responseformat=parquet;includeendstreamaction=true"], ended.Headers.GetValues("delta-sharing-capabilities"));
        Assert.False(EndOf(ended).TryGetProperty("refreshToken", out _));
        Assert.Equal(
            SharedTable.FilesOf(ended).Min(f => f.GetProperty("expirationTimestamp").GetInt64()),
            EndOf(ended).GetProperty("minUrlExpirationTimestamp").GetInt64());
        var token = EndOf(withToken).GetProperty("refreshToken").GetString();
        Assert.Equal(1, SharedTable.VersionOf(await table.QueryAsync(api, new { refreshToken = token })));
        TableTests.Expect(await SharedTable.Of(other).QueryAsync(api, new { refreshToken = token }), 400, "INVALID_PARAMETER_VALUE");
        TableTests.Expect(await table.QueryAsync(api, new { refreshToken = token, version = 1 }), 400, "INVALID_PARAMETER_VALUE");
        var metadata = await api.GetAsync($"{table.Url}/metadata", ("delta-sharing-capabilities", "includeendstreamaction=true"));
        Assert.Equal(3, metadata.Expect(200).Lines.Count);
    }

    private static JsonElement EndOf(Answer answer) => answer.Expect(200).Lines[^1].GetProperty("endStreamAction");

    private static string? IdOf(JsonElement file) => file.GetProperty("id").GetString();

    private static long SizeOf(JsonElement file) => file.GetProperty("size").GetInt64();

    private static string PathOf(JsonElement file) =>
        file.GetProperty("url").GetString() is { } url ? url[url.IndexOf('/', "http://".Length)..] : "";
}
