using System.Text;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Naming;

/// <summary>Names that break careless URLs, in every place where a name goes.</summary>
public sealed class NameTests(ServerFixture server)
{
    public static TheoryData<string> Awkward =>
    [
        "s3://bucket/path",
        "postgres://host:5432",
        "a b  c",
        "a%2Fb",
        "a%252Fb",
        "a%",
        "100%25",
        "@1",
        "user@host",
        "#column",
        "a?b=c&d=e",
        "a+b",
        "a;b,c=d",
        "C:\\data\\new",
        "quote\"'`",
        "<script>",
        "$(reboot)",
        "{name}",
        "[1]",
        "*",
        "~",
        "...",
        "-",
        "latest",
        "1",
        "🦉",
        "👩‍👩‍👧‍👦 family",
        "e\u0301 and é",
        "‏שלום עולם",
        "مرحبا",
        "日本語",
        "\u202Egnp.exe",
        "zero\u200Bwidth",
        new string('x', 512),
        new string('/', 512),
        string.Concat(Enumerable.Repeat("🦉", 120)),
    ];

    [Theory]
    [MemberData(nameof(Awkward))]
    public async Task A_name_is_itself_wherever_it_goes(string awkward)
    {
        var api = await server.ApiAsync();
        var (ns, alias) = (Short(awkward) + New.Name(), awkward is "1" or "latest" ? "alias" : awkward);
        var dataset = await New.DatasetAsync(api, ns, awkward);
        var uri = New.File(server.NewFolder(), "data", New.Name());
        var path = PathOf(awkward);

        var page = (await api.GetAsync(dataset.Url)).Expect(200);
        Assert.Equal((dataset.Node, ns, awkward), (page["node"].GetString(), page["namespace"].GetString(), page["name"].GetString()));

        var run = await StartAsync(api, ns, awkward);
        var made = (await api.PostAsync(dataset.Versions, new { run, files = new[] { new { uri, path } } })).Expect(201);
        Assert.Equal(dataset.At(1), made["node"].GetString());
        (await api.PutAsync(Api.Path($"/v1/datasets/{ns}/{awkward}/aliases/{alias}"), new { version = 1 })).Expect(200);
        Assert.Equal(1, (await api.GetAsync(Api.Path($"/v1/datasets/{ns}/{awkward}/versions/{alias}"))).Expect(200)["number"].GetInt32());
        Assert.Equal(path, Assert.Single((await api.GetAsync(dataset.Versions + "/1/files")).Expect(200).Items).GetProperty("path")
            .GetString());
        (await api.GetAsync($"{dataset.Versions}/1/content?path={Uri.EscapeDataString(path)}")).Expect(200);

        var tag = awkward.Length > 128 ? "tag" : awkward;
        (await api.PutAsync(Api.Path($"/v1/datasets/{ns}/{awkward}/tags/{tag}"))).Expect(200);
        (await api.PutAsync(Api.Path($"/v1/runs/{run}/tags/{tag}"))).Expect(200);
        var node = NodeId.Dataset(ns, awkward).WithVersion(alias).ToString();
        var input = (await api.PostAsync($"/v1/runs/{run}/inputs", new { dataset = node })).Expect(201);
        Assert.Equal(dataset.At(1), input["node"].GetString());
        Assert.Equal(awkward, (await api.GetAsync(Api.Path($"/v1/jobs/{ns}/{awkward}"))).Expect(200)["name"].GetString());

        await ModelAsync(api, ns, awkward, alias, run);
        var position = (await api.PostAsync($"/v1/runs/{run}/complete")).Expect(201).Position;
        await ListsAsync(api, ns, awkward, tag, position);
        var lineage = (await api.GetAsync($"/v1/lineage?node={dataset.At(1).Escaped()}&direction=down&atLeast={position}")).Expect(200);
        Assert.Contains(NodeId.Deployment(ns, awkward).ToString(), lineage["nodes"].EnumerateArray()
            .Select(n => n.GetProperty("id").GetString()));
        (await api.PostAsync(Api.Path($"/v1/datasets/{ns}/{awkward}/versions/{alias}/verify"))).Expect(200);
    }

    private static async Task<Guid> StartAsync(Api api, string ns, string job)
    {
        var id = Guid.CreateVersion7();
        (await api.PostAsync("/v1/runs", new { id, job = new { @namespace = ns, name = job } })).Expect(201);
        return id;
    }

    private static async Task ModelAsync(Api api, string ns, string name, string alias, Guid run)
    {
        (await api.PostAsync("/v1/models", new { @namespace = ns, name, owner = "team" })).Expect(201);
        var sha256 = (await api.UploadAsync("w"u8.ToArray())).Expect(201)["sha256"].GetString();
        (await api.PostAsync(Api.Path($"/v1/models/{ns}/{name}/versions"), new { run, files = new[] { new { path = "m", sha256 } } }))
            .Expect(201);
        (await api.PutAsync(Api.Path($"/v1/models/{ns}/{name}/aliases/{alias}"), new { version = 1 })).Expect(200);
        (await api.PutAsync(Api.Path($"/v1/models/{ns}/{name}/deployments/{name}"), new { version = alias })).Expect(200);
        Assert.Equal(name, (await api.GetAsync(Api.Path($"/v1/models/{ns}/{name}"))).Expect(200)["name"].GetString());
        Assert.Equal(1, (await api.GetAsync(Api.Path($"/v1/models/{ns}/{name}/versions/{alias}"))).Expect(200)["number"].GetInt32());
    }

    private static async Task ListsAsync(Api api, string ns, string name, string tag, long position)
    {
        var query = $"namespace={Uri.EscapeDataString(ns)}&atLeast={position}";
        string[] lists = [$"/v1/datasets?{query}&tag={Uri.EscapeDataString(tag)}", $"/v1/models?{query}", $"/v1/jobs?{query}"];
        foreach (var list in lists)
            Assert.Equal(name, Assert.Single((await api.GetAsync(list)).Expect(200).Items).GetProperty("name").GetString());
        Assert.Single((await api.GetAsync($"/v1/runs?job={NodeId.Job(ns, name).ToString().Escaped()}")).Expect(200).Items);
    }

    [Theory]
    [InlineData("a/b", "a%2Fb")]
    [InlineData("a%2Fb", "a%252Fb")]
    [InlineData("a+b", "a b")]
    [InlineData("A", "a")]
    [InlineData("é", "e\u0301")]
    [InlineData("1", "01")]
    public async Task Two_names_that_a_careless_server_takes_for_one_stay_two(string one, string other)
    {
        var api = await server.ApiAsync();
        var ns = New.Name("ns");
        foreach (var name in (string[])[one, other])
        {
            var dataset = await New.DatasetAsync(api, ns, name);
            (await api.PutAsync(dataset.Url + "/description", new { documentation = $"I am {name}" })).Expect(200);
        }

        foreach (var name in (string[])[one, other])
            Assert.Equal($"I am {name}", (await api.GetAsync(Api.Path($"/v1/datasets/{ns}/{name}"))).Expect(200)["documentation"]
                .GetString());
    }

    [Theory]
    [InlineData("%00")]
    [InlineData("a%00b")]
    [InlineData("%0A")]
    [InlineData("%C2%85")]
    [InlineData("%E2%80%A8")]
    [InlineData("%ED%A0%80")]
    [InlineData("%FF")]
    [InlineData("%C3")]
    [InlineData("%zz")]
    [InlineData("%")]
    [InlineData("%20a")]
    [InlineData("%2E%2E")]
    [InlineData("%2e")]
    [InlineData("..")]
    [InlineData(".")]
    public async Task A_name_that_cannot_be_is_refused_in_the_address(string encoded)
    {
        var api = await server.ApiAsync();
        var answer = await api.GetAsync($"/v1/datasets/ns/{encoded}");
        Assert.True(
            answer is { Code: 400, Problem: "name.invalid" } or { Code: 404, Problem: "request.not_found" }
                or { Code: 400, Bytes.Length: 0 },
            $"'{encoded}' answered {answer.Code}: {answer.Text}");
    }

    [Fact]
    public async Task Names_longer_than_512_characters_or_together_longer_than_an_index_key_are_refused()
    {
        var api = await server.ApiAsync();
        (await RegisterAsync(new string('x', 513))).ExpectProblem(400, "request.invalid");
        (await RegisterAsync(new string('x', 10_000))).ExpectProblem(400, "request.invalid");
        (await RegisterAsync(new string('語', 512), new string('語', 512))).ExpectProblem(400, "request.invalid");
        (await api.GetAsync(Api.Path($"/v1/datasets/{new string('語', 512)}/{new string('語', 512)}"))).ExpectProblem(400, "name.invalid");
        (await api.GetAsync($"/v1/datasets/ns/{new string('x', 10_000)}")).ExpectProblem(400, "name.invalid");

        Task<Answer> RegisterAsync(string name, string ns = "ns") =>
            api.PostAsync("/v1/datasets", new { @namespace = ns, name, owner = "team" });
    }

    // Namespace and name together must fit a stream id.
    private static string Short(string text)
    {
        var runes = text.EnumerateRunes().Take(24).Aggregate(new StringBuilder(), (t, r) => t.Append(r));
        return runes.ToString();
    }

    // A logical path knows fewer letters than a name: '/' separates its parts, '\' is refused.
    private static string PathOf(string name) => "p" + Short(name).Replace('\\', '_').Replace('/', '_');
}
