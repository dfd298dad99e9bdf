using System.Diagnostics;
using Catalog.IntegrationTests.Serving;
using Catalog.Storage.Files;

namespace Catalog.IntegrationTests.Input;

/// <summary>Files that are not what they should be, where they should be: each refused, and nothing stored.</summary>
public sealed class BadFileTests(ServerFixture server)
{
    [Fact]
    public async Task Truncated_parquet_is_not_parquet()
    {
        var t = await StartAsync();
        var whole = FileUri.ToPath(Tables.Write(t.Folder, "whole.parquet", rows: 10_000));
        var bytes = await File.ReadAllBytesAsync(whole);
        foreach (var length in (int[])[0, 3, 8, 12, bytes.Length / 2, bytes.Length - 4, bytes.Length - 1])
        {
            var path = Path.Combine(t.Folder, $"{length}.parquet");
            await File.WriteAllBytesAsync(path, bytes[..length]);
            await t.RefusedAsync(new { files = new[] { new { uri = FileUri.FromPath(path) } } }, 422, "file.not_parquet");
            var sha256 = (await t.Writer.UploadAsync(bytes[..length])).Expect(201)["sha256"].GetString();
            await t.RefusedAsync(new { files = new[] { new { path = "a.parquet", sha256 } } }, 422, "file.not_parquet");
        }

        await t.RefusedAsync(
            new { format = "parquet", files = new[] { new { uri = New.File(t.Folder, "a.csv", "a,b\n1,2\n") } } }, 422, "file.not_parquet");
        await t.NothingStoredAsync();
    }

    [Fact]
    public async Task A_file_that_is_not_what_was_announced_has_changed()
    {
        var t = await StartAsync();
        var uri = New.File(t.Folder, "a", "before");
        var sha256 = New.Sha256("before"u8.ToArray());
        New.File(t.Folder, "a", "after!");

        await t.RefusedAsync(new { files = new[] { new { uri, sha256 } } }, 422, "file.changed");
        await t.RefusedAsync(new { files = new[] { new { uri, bytes = 7 } } }, 422, "file.changed");
        var uploaded = (await t.Writer.UploadAsync("six"u8.ToArray())).Expect(201)["sha256"].GetString();
        await t.RefusedAsync(new { files = new[] { new { path = "a", sha256 = uploaded, bytes = 4 } } }, 422, "file.changed");
        await t.NothingStoredAsync();
    }

    [Fact]
    public async Task What_lies_outside_the_roots_is_not_read_whichever_way_leads_there()
    {
        Requires.Linux();
        var t = await StartAsync();
        var outside = server.NewFolder(outside: true);
        var secret = New.File(outside, "secret", "secret");
        var inside = t.Folder;
        File.CreateSymbolicLink(Path.Combine(inside, "link"), FileUri.ToPath(secret));
        Directory.CreateSymbolicLink(Path.Combine(inside, "way-out"), outside);
        var root = FileUri.FromPath(server.Root);

        foreach (var uri in (string[])[
            secret,
            "file:///etc/passwd",
            "/etc/passwd",
            $"{root}/../outside/{Path.GetFileName(outside)}/secret",
            $"{root}/%2E%2E/outside/{Path.GetFileName(outside)}/secret",
            $"{inside}/link", $"{inside}/way-out/secret", $"{outside}/not-there", "file:///proc/self/environ", $"{server.Root}x/a"])
        {
            await t.RefusedAsync(new { files = new[] { new { uri } } }, 422, "file.outside_roots");
            await t.RefusedAsync(new { observed = true, files = new[] { new { uri } } }, 422, "file.outside_roots");
        }

        foreach (var uri in (string[])[outside, "/", "/etc", $"{root}/..", $"{inside}/way-out"])
        {
            await t.RefusedAsync(new { folders = new[] { new { uri } } }, 422, "file.outside_roots");
            await t.RefusedAsync(new { observed = true, folders = new[] { new { uri } } }, 422, "file.outside_roots");
        }

        await t.RefusedAsync(new { folders = new[] { new { uri = inside } } }, 422, "file.outside_roots");
        await t.NothingStoredAsync();
    }

    [Fact]
    public async Task What_is_no_file_is_refused_and_never_waited_for()
    {
        Requires.Linux();
        var t = await StartAsync();
        var pipe = Path.Combine(t.Folder, "pipe");
        using (var mkfifo = Process.Start(Requires.Program("mkfifo"), [pipe]))
            await mkfifo.WaitForExitAsync();

        await t.RefusedAsync(new { files = new[] { new { uri = pipe } } }, 422, "file.not_regular");
        await t.RefusedAsync(new { folders = new[] { new { uri = t.Folder } } }, 422, "file.not_regular");
        await t.RefusedAsync(new { files = new[] { new { uri = t.Folder } } }, 422, "file.not_regular");
        await t.RefusedAsync(new { files = new[] { new { uri = t.Folder + "/nothing" } } }, 422, "file.not_found");
        await t.NothingStoredAsync();
    }

    [Theory]
    [InlineData("relative/path", "file.bad_name")]
    [InlineData("http://127.0.0.1/a", "file.bad_name")]
    [InlineData("s3://bucket/a", "file.bad_name")]
    [InlineData("file://elsewhere/a", "file.bad_name")]
    [InlineData("file:///a%zz", "file.bad_name")]
    [InlineData("file:///a%00b", "file.bad_name")]
    [InlineData("file:///a?b", "file.bad_name")]
    [InlineData("", "file.bad_name")]
    public async Task An_address_that_is_no_file_is_refused(string uri, string code)
    {
        var t = await StartAsync();
        await t.RefusedAsync(new { files = new[] { new { uri, path = "a" } } }, 400, code);
        await t.RefusedAsync(new { observed = true, files = new[] { new { uri, path = "a" } } }, 400, code);
        await t.NothingStoredAsync();
    }

    [Fact]
    public async Task Logical_paths_are_relative_clean_and_given_once()
    {
        var t = await StartAsync();
        var uri = New.File(t.Folder, "a", "a");
        foreach (var path in (string[])["", "/a", "a//b", "../a", "a/..", ".", "a\\b", "a\nb", new string('p', 1_025)])
            await t.RefusedAsync(new { files = new[] { new { uri, path } } }, 400, "request.invalid");

        await t.RefusedAsync(new { files = new[] { new { uri }, new { uri } } }, 400, "file.path_duplicate");
        await t.RefusedAsync(new { files = new[] { new { uri } }, folders = new[] { new { uri = t.Folder } } }, 400, "file.path_duplicate");
        await t.RefusedAsync(new { files = new[] { new { path = "a" } } }, 400, "request.invalid");
        await t.RefusedAsync(new { files = new[] { new { sha256 = new string('0', 64) } } }, 400, "request.invalid");
        await t.RefusedAsync(new { files = new[] { new { path = "a", sha256 = new string('0', 64) } } }, 422, "object.not_found");
        await t.RefusedAsync("""{"files":[null]}""", 400, null);
        await t.NothingStoredAsync();
    }

    [Fact]
    public async Task A_name_on_disk_that_no_logical_path_can_have_is_refused()
    {
        Requires.Linux();
        foreach (var name in (string[])["a\\b", "line\nbreak"])
        {
            var t = await StartAsync();
            var uri = New.File(t.Folder, name, "a");
            await t.RefusedAsync(new { files = new[] { new { uri } } }, 400, null);
            await t.RefusedAsync(new { folders = new[] { new { uri = t.Folder } } }, 400, null);
            await t.NothingStoredAsync();
        }
    }

    [Fact]
    public async Task A_commit_that_names_no_file_is_refused()
    {
        var t = await StartAsync();
        New.File(t.Folder, "a.txt", "a");
        await t.RefusedAsync("{}", 400, "request.invalid");
        await t.RefusedAsync("""{"files":[],"folders":[]}""", 400, "request.invalid");
        await t.RefusedAsync("""{"mode":"append"}""", 400, "request.invalid");
        await t.RefusedAsync("""{"observed":true}""", 400, "request.invalid");
        await t.RefusedAsync(new { folders = new[] { new { uri = t.Folder, glob = "**/*.parquet" } } }, 422, "file.not_found");
        await t.NothingStoredAsync();
    }

    [Fact]
    public async Task A_table_of_files_that_do_not_go_together_is_refused()
    {
        var t = await StartAsync();
        var a = Tables.Write(t.Folder, "a.parquet", rows: 3);
        var text = Path.Combine(t.Folder, "b.parquet");
        using (var file = new ParquetSharp.ParquetFileWriter(text, [new ParquetSharp.Column<string>("id")]))
        {
            using var group = file.AppendRowGroup();
            using (var column = group.NextColumn().LogicalWriter<string>())
                column.WriteBatch(["one"]);
            file.Close();
        }

        await t.RefusedAsync(new { files = new[] { new { uri = a }, new { uri = FileUri.FromPath(text) } } }, 422, "schema.inconsistent");
        await t.NothingStoredAsync();
    }

    [Fact]
    public async Task Commits_to_what_is_not_there_are_refused()
    {
        var t = await StartAsync();
        var uri = New.File(t.Folder, "a", "a");
        (await t.Writer.PostAsync("/v1/datasets/no/such/versions", new { files = new[] { new { uri } } }))
            .ExpectProblem(404, "dataset.not_found");
        await t.RefusedAsync(new { run = Guid.CreateVersion7(), files = new[] { new { uri } } }, 404, "run.not_found");
        await t.RefusedAsync(new { expectedParent = 1, files = new[] { new { uri } } }, 409, "version.parent_conflict");
        await t.RefusedAsync(new { format = "orc", files = new[] { new { uri } } }, 400, "request.invalid");
        await t.RefusedAsync(new { observed = true, mode = "append", files = new[] { new { uri } } }, 400, "request.invalid");
        await t.RefusedAsync(
            new { observed = true, files = new[] { new { path = "a", sha256 = new string('0', 64) } } }, 400, "request.invalid");
        await t.NothingStoredAsync();
    }

    private async Task<Trial> StartAsync()
    {
        var dataset = await New.DatasetAsync(await server.ApiAsync());
        var (writer, principal) = await server.ApiAsync("writer");
        return new Trial(server, writer, principal, dataset, server.NewFolder());
    }

    /// <summary>A writer who does everything wrong on one dataset.</summary>
    private sealed record Trial(ServerFixture Server, Api Writer, string Principal, DatasetName Dataset, string Folder)
    {
        public async Task RefusedAsync(object body, int status, string? code)
        {
            var answer = await Writer.PostAsync(Dataset.Versions, body);
            Assert.True(
                answer.Code == status,
                $"{System.Text.Json.JsonSerializer.Serialize(body)} answered {answer.Code} instead of {status}: {answer.Text}");
            answer.ExpectProblem(status, code ?? answer.Problem ?? "");
        }

        public async Task NothingStoredAsync()
        {
            Assert.Equal(0, await Server.CountFactsByAsync(Principal));
            Assert.Equal(1, await Server.CountFactsOnAsync(Dataset.Node));
            Assert.Empty((await Writer.GetAsync(Dataset.Versions)).Items);
        }
    }
}
