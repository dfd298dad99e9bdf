using System.Text.Json;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Http;

/// <summary>Addresses of files of versions, used without a key: of uploaded files and of files in place.</summary>
public sealed class SignFilesTests(ServerFixture server)
{
    private const string Text = "0123456789";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_is_read_by_its_address_in_whole_and_in_part_without_a_key(bool inPlace)
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        await CommitAsync(api, dataset.Versions, inPlace, "a.txt");

        var file = Assert.Single((await api.GetAsync($"{dataset.Versions}/1/files/signed")).Expect(200).Items);

        Assert.Equal(
            ("a.txt", Text.Length, New.Sha256("0123456789"u8.ToArray())),
            (Of(file, "path"), file.GetProperty("bytes").GetInt32(), Of(file, "sha256")));
        Assert.Empty(file.GetProperty("headers").EnumerateObject());
        Assert.StartsWith(new Uri(server.Server.Address, inPlace ? "/files/" : "/objects/").ToString(), Of(file, "url"));
        using var stranger = new Api(server.Server.Address, key: null);
        var url = PathOf(file);
        var whole = (await stranger.GetAsync(url)).Expect(200);
        Assert.Equal(Text, whole.Text);
        Assert.Equal($"\"{Of(file, "sha256")}\"", whole.ETag);
        Assert.Equal("345", (await stranger.GetAsync(url, ("Range", "bytes=3-5"))).Expect(206).Text);
        Assert.Equal("89", (await stranger.GetAsync(url, ("Range", "bytes=-2"))).Expect(206).Text);
        var head = (await stranger.SendAsync(HttpMethod.Head, url, body: null)).Expect(200);
        Assert.Equal((Text.Length, 0), (head.ContentHeaders.ContentLength, head.Bytes.Length));
    }

    [Fact]
    public async Task An_address_is_good_for_a_quarter_of_an_hour_or_as_long_as_was_asked()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        await CommitAsync(api, dataset.Versions, inPlace: false, "a.txt");
        var began = TimeProvider.System.GetUtcNow();

        Assert.InRange(await LifetimeAsync(""), 890, 905);
        Assert.InRange(await LifetimeAsync("?lifetimeSeconds=60"), 55, 65);
        Assert.InRange(await LifetimeAsync("?lifetimeSeconds=604800"), 604_795, 604_805);
        foreach (var wrong in (string[])["0", "-1", "604801", "1.5", "x", ""])
        {
            var refused = (await api.GetAsync($"{dataset.Versions}/1/files/signed?lifetimeSeconds={wrong}"))
                .ExpectProblem(400, "request.invalid");
            Assert.Contains("from 1 to 604800", refused["errors"].GetProperty("lifetimeSeconds")[0].GetString());
        }

        async Task<double> LifetimeAsync(string query)
        {
            var file = Assert.Single((await api.GetAsync($"{dataset.Versions}/1/files/signed{query}")).Expect(200).Items);
            return (file.GetProperty("expiresAt").GetDateTimeOffset() - began).TotalSeconds;
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_address_whose_time_is_over_is_refused_and_another_is_asked_for(bool inPlace)
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        await CommitAsync(api, dataset.Versions, inPlace, "a.txt", "b.txt");
        var signed = $"{dataset.Versions}/1/files/signed?path=b.txt";
        var url = PathOf(Assert.Single((await api.GetAsync(signed + "&lifetimeSeconds=1")).Expect(200).Items));

        await Eventually.True(async () => (await api.GetAsync(url)).Code == 403, "the address is refused");

        (await api.GetAsync(url)).ExpectProblem(403, "url.expired");
        var second = Assert.Single((await api.GetAsync(signed)).Expect(200).Items);
        Assert.Equal(Text, (await api.GetAsync(PathOf(second))).Expect(200).Text);
    }

    [Fact]
    public async Task Files_come_in_pages_and_by_what_their_paths_begin_with()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        string[] paths = ["a/1", "a/2", "a0", "ab/3", "ab/4", "b"];
        await CommitAsync(api, dataset.Versions, inPlace: false, paths);
        var signed = $"{dataset.Versions}/1/files/signed";

        Assert.Equal(paths, (await api.AllAsync(signed, 2)).Select(f => Of(f, "path")));
        Assert.Equal(["a/1", "a/2"], (await api.AllAsync(signed + "?prefix=a/", 1)).Select(f => Of(f, "path")));
        Assert.Equal(["ab/3", "ab/4"], (await api.AllAsync(signed + "?prefix=ab", 1)).Select(f => Of(f, "path")));
        Assert.Equal(["b"], (await api.AllAsync(signed + "?prefix=b", 5)).Select(f => Of(f, "path")));
        Assert.Empty(await api.AllAsync(signed + "?prefix=c", 5));
        (await api.GetAsync(signed + "?path=c")).ExpectProblem(404, "file.not_in_version");
        (await api.GetAsync(signed + "?path=b&prefix=b")).ExpectProblem(400, "request.invalid");
        (await api.GetAsync(signed + "?path=")).ExpectProblem(400, "request.invalid");
        (await api.GetAsync($"{dataset.Versions}/2/files/signed")).ExpectProblem(404, "version.not_found");
    }

    [Theory]
    [InlineData("with space/100% sure.txt")]
    [InlineData("a%2Fb+c&d=e?f#g")]
    [InlineData("日本語/🛫.txt")]
    public async Task A_file_in_place_may_have_any_path(string path)
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        await CommitAsync(api, dataset.Versions, inPlace: true, path);

        var file = Assert.Single((await api.GetAsync($"{dataset.Versions}/1/files/signed")).Expect(200).Items);

        Assert.Equal(path, Of(file, "path"));
        Assert.Equal(Text, (await api.GetAsync(PathOf(file))).Expect(200).Text);
    }

    [Fact]
    public async Task An_address_leads_to_the_file_that_was_committed_or_to_a_refusal()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var folder = server.NewFolder();
        var files = (string[])["grown", "gone", "led-out", "kept"];
        var sources = files.Select(f => new { uri = New.File(folder, f, Text) });
        (await api.PostAsync(dataset.Versions, new { files = sources })).Expect(201);
        var signed = (await api.GetAsync($"{dataset.Versions}/1/files/signed")).Expect(200).Items
            .ToDictionary(f => Of(f, "path"), PathOf, StringComparer.Ordinal);

        await File.AppendAllTextAsync(Path.Combine(folder, "grown"), "x");
        File.Delete(Path.Combine(folder, "gone"));
        File.Delete(Path.Combine(folder, "led-out"));
        File.CreateSymbolicLink(Path.Combine(folder, "led-out"), Path.Combine(server.NewFolder(outside: true), "x"));

        (await api.GetAsync(signed["grown"])).ExpectProblem(422, "file.changed");
        (await api.GetAsync(signed["gone"])).ExpectProblem(422, "file.not_found");
        (await api.GetAsync(signed["led-out"])).ExpectProblem(422, "file.outside_roots");
        (await api.GetAsync(signed["kept"])).Expect(200);
    }

    [Fact]
    public async Task What_was_changed_in_an_address_is_refused_and_a_key_does_not_help()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        await CommitAsync(api, dataset.Versions, inPlace: true, "a.txt", "b.txt");
        var files = (await api.GetAsync($"{dataset.Versions}/1/files/signed")).Expect(200).Items;
        var url = PathOf(files[0]);

        (await api.GetAsync(url.Replace("a.txt", "b.txt"))).ExpectProblem(403, "url.altered");
        (await api.GetAsync(url.Replace("/files/", "/objects/"))).ExpectProblem(403, "url.altered");
        (await api.GetAsync(url.Replace("expires=", "expires=9"))).ExpectProblem(403, "url.altered");
        (await api.GetAsync(url.Split('?')[0])).ExpectProblem(403, "url.altered");
        (await api.PutAsync(url, new StringContent("x"))).Expect(405);
    }

    [Fact]
    public async Task A_models_files_are_given_out_alike()
    {
        var api = await server.ApiAsync();
        var model = await New.ModelAsync(api);
        var stored = (await api.UploadAsync("weights"u8.ToArray())).Expect(201)["sha256"].GetString();
        var run = await New.RunAsync(api);
        (await api.PostAsync($"{model.Url}/versions", new { run, files = new[] { new { path = "m.bin", sha256 = stored } } })).Expect(201);

        var file = Assert.Single((await api.GetAsync($"{model.Url}/versions/1/files/signed")).Expect(200).Items);

        Assert.Equal("weights", (await api.GetAsync(PathOf(file))).Expect(200).Text);
    }

    [Fact]
    public async Task Giving_out_addresses_is_reading_data_and_is_logged_as_that()
    {
        var log = new LogLines();
        await using var fresh = await FreshServer.StartAsync(log: log);
        var dataset = await New.DatasetAsync(fresh.Api);
        await CommitAsync(fresh.Api, dataset.Versions, inPlace: false, "a.txt");
        var key = (await fresh.Api.PostAsync("/v1/keys", new { name = "r", role = "reader", principal = "somebody" })).Expect(201)["key"];
        using var reader = new Api(fresh.Server.Address, key.GetString());

        (await reader.GetAsync($"{dataset.Versions}/latest/files/signed", ("Catalog-Purpose", "training"))).Expect(200);

        Assert.Equal([$"Read: somebody may read the data of {dataset.At(1)} (purpose training)."], log.Reads);
    }

    [Fact]
    public async Task Addresses_begin_where_the_server_was_told_that_clients_find_it()
    {
        await using var fresh = await FreshServer.StartAsync(o => o with
        {
            PublicUrl = new Uri("https://catalog.example.org/here/"),
            UrlLifetime = TimeSpan.FromHours(2),
        });
        var dataset = await New.DatasetAsync(fresh.Api);
        await CommitAsync(fresh.Api, dataset.Versions, inPlace: false, "a.txt");

        var file = Assert.Single((await fresh.Api.GetAsync($"{dataset.Versions}/1/files/signed")).Expect(200).Items);

        Assert.StartsWith("https://catalog.example.org/here/objects/sha256/", Of(file, "url"));
        Assert.InRange(
            file.GetProperty("expiresAt").GetDateTimeOffset() - TimeProvider.System.GetUtcNow(),
            TimeSpan.FromMinutes(119), TimeSpan.FromHours(2));
    }

    private async Task CommitAsync(Api api, string versions, bool inPlace, params IReadOnlyList<string> paths)
    {
        var folder = inPlace ? server.NewFolder() : "";
        var sha256 = inPlace ? null : (await api.UploadAsync("0123456789"u8.ToArray())).Expect(201)["sha256"].GetString();
        var files = paths.Select((path, i) => inPlace
            ? new Dictionary<string, string?> { ["path"] = path, ["uri"] = New.File(folder, $"{i}", Text) }
            : new Dictionary<string, string?> { ["path"] = path, ["sha256"] = sha256 });
        (await api.PostAsync(versions, new { files })).Expect(201);
    }

    private static string Of(JsonElement file, string member) => file.GetProperty(member).GetString() ?? "";

    private static string PathOf(JsonElement file) => Of(file, "url") is var url ? url[url.IndexOf('/', "http://".Length)..] : "";
}
