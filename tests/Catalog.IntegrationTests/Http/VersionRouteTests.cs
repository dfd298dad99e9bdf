using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Http;

/// <summary>Making versions: once, one after the other, from files that were there before and from files that were only heard of.</summary>
public sealed class VersionRouteTests(ServerFixture server)
{
    [Fact]
    public async Task The_same_commit_twice_is_one_version()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var folder = server.NewFolder();
        var body = new { files = new[] { new { uri = New.File(folder, "a.txt", "a") } }, idempotencyKey = "once" };
        var first = (await api.PostAsync(dataset.Versions, body)).Expect(201);

        var repeated = (await api.PostAsync(dataset.Versions, body)).Expect(200);
        var sameContent = (await api.PostAsync(dataset.Versions, new { body.files })).Expect(200);
        await CommitAsync(api, dataset, "b");
        var late = (await api.PostAsync(dataset.Versions, body)).Expect(200);

        foreach (var same in (Answer[])[repeated, sameContent, late])
            Assert.Equal(
                (1, false, first["contentHash"].GetString()),
                (same.Version, same["changed"].GetBoolean(), same["contentHash"].GetString()));
        (await api.PostAsync(dataset.Versions, body with { files = [new { uri = New.File(folder, "c.txt", "c") }] }))
            .ExpectProblem(409, "version.key_reused");
    }

    [Fact]
    public async Task Bytes_that_are_missing_from_the_object_store_are_named_with_their_file_and_version()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var sha256 = (await api.UploadAsync(Guid.CreateVersion7().ToByteArray())).Expect(201)["sha256"].GetString() ?? "";
        (await api.PostAsync(dataset.Versions, new { files = new[] { new { path = "a.bin", sha256 } } })).Expect(201);
        foreach (var stored in Directory.EnumerateFiles(server.Server.Data.Objects, sha256, SearchOption.AllDirectories))
            File.Delete(stored);

        var read = await api.GetAsync($"{dataset.Versions}/1/content?path=a.bin");
        var verified = (await api.PostAsync($"{dataset.Versions}/1/verify")).Expect(200);

        read.ExpectProblem(422, "object.not_found");
        Assert.Contains("The bytes of 'a.bin' of '", read.Text, StringComparison.Ordinal);
        Assert.Contains("@1' are missing from the object store.", read.Text, StringComparison.Ordinal);
        Assert.Equal("file.not_found", verified["failures"][0].GetProperty("problem").GetString());
    }

    [Fact]
    public async Task A_key_whose_commit_changed_nothing_is_remembered_whatever_happens_since()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var uri = New.File(server.NewFolder(), "a.txt", "a");
        var body = new { files = new[] { new { path = "data", uri } }, idempotencyKey = "again" };
        (await api.PostAsync(dataset.Versions, new { body.files })).Expect(201);

        var unchanged = (await api.PostAsync(dataset.Versions, body)).Expect(200);
        (await CommitAsync(api, dataset, "b")).Expect(201);
        var late = (await api.PostAsync(dataset.Versions, body)).Expect(200);

        Assert.Equal((1, 1), (unchanged.Version, late.Version));
        Assert.Equal(2, (await api.GetAsync(dataset.Url))["latest"].GetInt32());
        (await api.PostAsync(dataset.Versions, new { body.files, body.idempotencyKey, message = "Other." }))
            .ExpectProblem(409, "version.key_reused");
    }

    [Fact]
    public async Task An_empty_key_is_refused()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var files = new[] { new { path = "data", uri = New.File(server.NewFolder(), "a.txt", "a") } };

        (await api.PostAsync(dataset.Versions, new { files, idempotencyKey = "" })).ExpectProblem(400, "request.invalid");
        (await api.PostAsync(dataset.Versions, new { files, idempotencyKey = "", observed = true })).ExpectProblem(400, "request.invalid");
    }

    [Fact]
    public async Task Adding_and_removing_files_makes_what_committing_them_together_makes()
    {
        var api = await server.ApiAsync();
        var (grown, whole) = (await New.DatasetAsync(api), await New.DatasetAsync(api));
        var folder = server.NewFolder();
        var (a, b, text) = (
            Tables.Write(folder, "a.parquet", rows: 3),
            Tables.Write(folder, "b.parquet", rows: 4, from: 3),
            New.File(folder, "README.md", "x"));

        // Not a table while there is a text in it, and one as soon as there is not.
        await SameAsync(new { files = new[] { new { uri = a }, new { uri = text } } }, [a, text], rows: null);
        await SameAsync(new { mode = "append", remove = new[] { "README.md" } }, [a], rows: 3);
        await SameAsync(new { mode = "append", files = new[] { new { uri = b } } }, [a, b], rows: 7);
        await SameAsync(new { mode = "append", files = new[] { new { uri = text } } }, [a, b, text], rows: null);
        await SameAsync(new { mode = "append", remove = new[] { "a.parquet", "README.md" } }, [b], rows: 4);

        // Nor does a version without files end the table.
        (await api.PostAsync(grown.Versions, new { mode = "append", remove = new[] { "b.parquet" } })).Expect(201);
        await SameAsync(new { mode = "append", files = new[] { new { uri = a } } }, [a], rows: 3);

        async Task SameAsync(object commit, string[] uris, long? rows)
        {
            var made = (await api.PostAsync(grown.Versions, commit)).Expect(201);
            var together = (await api.PostAsync(whole.Versions, new { files = uris.Select(uri => new { uri }) })).Expect(201);
            var page = await api.GetAsync(grown.Versions + "/latest");
            var other = await api.GetAsync(whole.Versions + "/latest");

            Assert.Equal(together["contentHash"].GetString(), made["contentHash"].GetString());
            Assert.Equal(rows?.ToString() ?? "null", page["rows"].GetRawText());
            Assert.Equal(other["schema"].GetRawText(), page["schema"].GetRawText());
            Assert.Equal(other["statistics"].GetRawText(), page["statistics"].GetRawText());
        }
    }

    [Fact]
    public async Task What_is_added_to_a_table_that_was_claimed_is_claimed_with_it()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var folder = server.NewFolder();
        var (one, two) = (Tables.Write(folder, "one.data", rows: 3), Tables.Write(folder, "two.data", rows: 4));
        (await api.PostAsync(dataset.Versions, new { format = "parquet", files = new[] { new { uri = one } } })).Expect(201);

        var made = (await api.PostAsync(dataset.Versions, new { mode = "append", files = new[] { new { uri = two } } })).Expect(201);

        Assert.Equal("none", made["schemaChange"].GetProperty("level").GetString());
        Assert.Equal(
            ("parquet", 7),
            ((await api.GetAsync(dataset.Versions + "/2"))["format"].GetString(),
                (await api.GetAsync(dataset.Versions + "/2"))["rows"].GetInt64()));
        (await api.PostAsync(dataset.Versions, new { mode = "append", files = new[] { new { uri = New.File(folder, "README.md", "x") } } }))
            .ExpectProblem(422, "file.not_parquet");
    }

    [Fact]
    public async Task A_version_is_sealed_against_the_one_before_it_and_once()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var folder = server.NewFolder();
        var (wide, narrow) = (Tables.Write(folder, "wide.parquet", rows: 5), Tables.WriteNarrow(folder, "narrow.parquet", rows: 5));
        foreach (var uri in (string[])[wide, narrow])
            (await api.PostAsync(dataset.Versions, new { observed = true, files = new[] { new { uri } } })).Expect(201);
        (await api.PutAsync(dataset.Url + "/compatibility", new { mode = "backward" })).Expect(200);

        var first = (await api.PostAsync(dataset.Versions + "/1/seal")).Expect(201);
        (await api.PostAsync(dataset.Versions + "/2/seal")).ExpectProblem(409, "schema.breaking");
        Tables.Write(folder, "wide.parquet", rows: 6);
        var again = (await api.PostAsync(dataset.Versions + "/1/seal")).Expect(200);

        Assert.Equal(first["contentHash"].GetString(), again["contentHash"].GetString());
    }

    [Fact]
    public async Task An_observed_version_is_sealed_with_what_was_announced_and_nothing_else()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var folder = server.NewFolder();
        var uri = New.File(folder, "a", "before");
        var sha256 = New.Sha256("before"u8.ToArray());
        (await api.PostAsync(dataset.Versions, new { observed = true, files = new[] { new { uri, sha256, bytes = 6 } } })).Expect(201);

        New.File(folder, "a", "after!");
        (await api.PostAsync(dataset.Versions + "/1/seal")).ExpectProblem(422, "file.changed");
        New.File(folder, "a", "before");
        (await api.PostAsync(dataset.Versions + "/1/seal")).Expect(201);
    }

    [Fact]
    public async Task A_repeated_commit_answers_with_a_position_and_an_etag_that_hold()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var body = new { files = new[] { new { uri = New.File(server.NewFolder(), "a.txt", "a") } }, idempotencyKey = "once" };
        var first = (await api.PostAsync(dataset.Versions, body)).Expect(201);

        var again = (await api.PostAsync(dataset.Versions, body)).Expect(200);

        Assert.True(again.Position >= first.Position, $"{again.Position} does not include {first.Position}");
        Assert.Equal((await api.GetAsync(dataset.Url)).ETag, again.ETag);
    }

    [Fact]
    public async Task The_expected_parent_decides_who_comes_first()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        (await CommitAsync(api, dataset, "one", expectedParent: 0)).Expect(201);
        (await CommitAsync(api, dataset, "two", expectedParent: 0)).ExpectProblem(409, "version.parent_conflict");
        (await CommitAsync(api, dataset, "two", expectedParent: 1)).Expect(201);
        (await CommitAsync(api, dataset, "two", expectedParent: 1)).Expect(200);
        (await CommitAsync(api, dataset, "one", expectedParent: 0)).Expect(200);
        (await CommitAsync(api, dataset, "x", expectedParent: -1)).ExpectProblem(400, "request.invalid");
    }

    [Fact]
    public async Task Appending_adds_replaces_and_removes()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var folder = server.NewFolder();
        string[] uris = [.. Enumerable.Range(0, 4).Select(n => New.File(folder, $"{n}.txt", $"{n}"))];
        (await api.PostAsync(
            dataset.Versions, new { files = new[] { new { path = "a", uri = uris[0] }, new { path = "b", uri = uris[1] } } })).Expect(201);

        (await api.PostAsync(dataset.Versions, new
        {
            mode = "append",
            files = new[] { new { path = "a", uri = uris[2] }, new { path = "c", uri = uris[3] } },
            remove = new[] { "b" },
        })).Expect(201);

        var files = (await api.GetAsync(dataset.Versions + "/2/files")).Items;
        Assert.Equal(["a", "c"], files.Select(f => f.GetProperty("path").GetString()));
        Assert.Equal(New.Sha256("2"u8.ToArray()), files[0].GetProperty("sha256").GetString());
        (await api.PostAsync(dataset.Versions, new { mode = "append", remove = new[] { "b" } })).ExpectProblem(404, "file.not_in_version");
        (await api.PostAsync(dataset.Versions, new { files = new[] { new { uri = uris[0] } }, remove = new[] { "a" } }))
            .ExpectProblem(400, "request.invalid");
    }

    [Fact]
    public async Task Removing_from_a_dataset_without_versions_is_refused()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var uri = New.File(server.NewFolder(), "a", "a");
        (await api.PostAsync(dataset.Versions, new { mode = "append", files = new[] { new { uri } }, remove = new[] { "gone" } }))
            .ExpectProblem(404, "file.not_in_version");
    }

    private async Task<Answer> CommitAsync(Api api, DatasetName dataset, string text, long? expectedParent = null) =>
        await api.PostAsync(
            dataset.Versions,
            new { files = new[] { new { path = "data", uri = New.File(server.NewFolder(), "data", text) } }, expectedParent });
}
