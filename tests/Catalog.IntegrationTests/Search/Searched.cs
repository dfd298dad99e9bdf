using System.Text.Json;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Search;

/// <summary>Searches of one namespace, so that what other tests made is not found.</summary>
internal sealed class Searched(Api api, string folder, string ns)
{
    private long _position;

    public string Namespace => ns;

    public static async Task<Searched> InNewNamespaceAsync(ServerFixture server) =>
        new(await server.ApiAsync(), server.NewFolder(), New.Name("search"));

    public async Task<DatasetName> DatasetAsync(string name, string owner = "team", string? documentation = null, params string[] tags)
    {
        var body = new { @namespace = ns, name, owner, documentation = documentation ?? "", tags };
        Include((await api.PostAsync("/v1/datasets", body)).Expect(201));
        return new DatasetName(ns, name);
    }

    /// <summary>Commits a version that has these columns.</summary>
    public async Task ColumnsAsync(DatasetName dataset, params string[] columns)
    {
        var uri = Tables.WriteOf(folder, $"{New.Name("table")}.parquet", columns);
        Include((await api.PostAsync(dataset.Versions, new { files = new[] { new { uri } } })).Expect(201));
    }

    /// <summary>What is searched from now on includes this write.</summary>
    public void Include(Answer write) => Include(write.Position);

    public void Include(long position) => _position = Math.Max(_position, position);

    public Task<Answer> AnswerAsync(string text, string more = "") =>
        api.GetAsync($"/v1/search?q={Uri.EscapeDataString(text)}&atLeast={_position}{(more.Length > 0 ? "&" : "")}{more}");

    /// <summary>The names of what was found, the best first.</summary>
    public async Task<string[]> NamesAsync(string text, string more = "") =>
        [.. (await FoundAsync(text, more)).Select(f => f.GetProperty("name").GetString() ?? "")];

    public async Task<IReadOnlyList<JsonElement>> FoundAsync(string text, string more = "") =>
        (await AnswerAsync(text, $"namespace={ns}{(more.Length > 0 ? "&" : "")}{more}")).Expect(200).Items;

    /// <summary>Where the words are: <c>column dep_delay</c>.</summary>
    public static string[] Matches(JsonElement found) =>
        [.. found.GetProperty("matches").EnumerateArray().Select(m => $"{m.GetProperty("in")} {m.GetProperty("text")}")];
}
