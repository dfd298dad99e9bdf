using System.Text.Json;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.DeltaSharing;

/// <summary>A table at the door, and what tests ask of it.</summary>
internal sealed record SharedTable(string Schema, string Name)
{
    public string Url => $"/delta-sharing/shares/catalog/schemas/{Schema}/tables/{Name}";

    public static SharedTable Of(DatasetName dataset) => new(dataset.Namespace, dataset.Name);

    public Task<Answer> QueryAsync(Api api, object? body = null, params (string Name, string Value)[] headers) =>
        api.PostAsync($"{Url}/query", body ?? new { }, headers);

    /// <summary>The number of the version that an answer is of.</summary>
    public static long VersionOf(Answer answer) => long.Parse(answer.Expect(200).Headers.GetValues("Delta-Table-Version").Single());

    public static IReadOnlyList<JsonElement> FilesOf(Answer answer) =>
        [.. answer.Expect(200).Lines.Where(l => l.TryGetProperty("file", out _)).Select(l => l.GetProperty("file"))];

    public static JsonElement StatsOf(JsonElement file) =>
        JsonDocument.Parse(file.GetProperty("stats").GetString() ?? "").RootElement.Clone();

    /// <summary>Commits Parquet files of this many rows each, uploaded or in place, the ids of one following those of the other.</summary>
    public static async Task CommitAsync(Api api, DatasetName dataset, string folder, bool inPlace, params IReadOnlyList<int> rows)
    {
        var files = new List<Dictionary<string, string?>>();
        for (var (i, from) = (0, 0); i < rows.Count; from += rows[i++])
        {
            var (path, uri) = ($"{i}.parquet", Tables.Write(folder, $"{New.Name()}.parquet", rows[i], from));
            var bytes = inPlace ? [] : await File.ReadAllBytesAsync(new Uri(uri).LocalPath);
            files.Add(inPlace
                ? new() { ["path"] = path, ["uri"] = uri }
                : new() { ["path"] = path, ["sha256"] = (await api.UploadAsync(bytes)).Expect(201)["sha256"].GetString() });
        }

        (await api.PostAsync(dataset.Versions, new { files })).Expect(201);
    }
}
