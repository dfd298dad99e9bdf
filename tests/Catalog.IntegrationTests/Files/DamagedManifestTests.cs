using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Server;

namespace Catalog.IntegrationTests.Files;

/// <summary>Lists of files that were changed past the catalog. On a server of their own: whoever sums over all files meets them.</summary>
public sealed class DamagedManifestTests
{
    [Fact]
    public async Task A_list_of_files_that_somebody_changed_in_the_database_is_not_believed()
    {
        using var folder = new TemporaryFolder();
        await using var server = await FreshServer.StartAsync(o => o with { Roots = [folder.Path] });
        var api = server.Api;
        var (chunk, root) = (await VersionAsync(), await VersionAsync());
        await Sql.RunAsync(server.Database, $"UPDATE catalog.manifest_chunk SET body = '\\x0b' || body WHERE hash IN ({Chunks(chunk)})");
        await Sql.RunAsync(
            server.Database,
            $"UPDATE catalog.manifest SET root = jsonb_set(root, '{{message}}', '\"other\"') WHERE hash IN ({Manifests(root)})");

        (await api.PostAsync($"{chunk.Versions}/1/verify")).ExpectProblem(500, "manifest.damaged");
        (await api.GetAsync($"{chunk.Versions}/1/files")).ExpectProblem(500, "manifest.damaged");
        (await api.GetAsync($"{root.Versions}/1/files")).ExpectProblem(500, "manifest.damaged");
        (await api.GetAsync("/v1/usage?by=dataset")).ExpectProblem(500, "manifest.damaged");

        async Task<DatasetName> VersionAsync()
        {
            var dataset = await New.DatasetAsync(api);
            (await api.PostAsync(
                    dataset.Versions, new { files = new[] { new { uri = New.File(folder.Path, New.Name("f"), New.Name()) } } }))
                .Expect(201);
            return dataset;
        }

        static string Manifests(DatasetName dataset) =>
            $"SELECT data->>'manifestHash' FROM catalog.mt_doc_page_version WHERE data->>'dataset' = '{dataset.Node}'";

        static string Chunks(DatasetName dataset) =>
            $"SELECT chunk FROM catalog.manifest_chunk_use WHERE manifest IN ({Manifests(dataset)})";
    }
}
