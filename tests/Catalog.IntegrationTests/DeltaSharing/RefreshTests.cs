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
        const int Pieces = 3;
        var root = server.NewFolder();
        await using var fresh = await FreshServer.StartAsync(o => o with { UrlLifetime = s_lifetime, Roots = [root] });
        var dataset = await New.DatasetAsync(fresh.Api);
        await SharedTable.CommitAsync(fresh.Api, dataset, root, inPlace: false, 5_000);
        await SharedTable.CommitAsync(fresh.Api, dataset, root, inPlace: true, 5_000, 6_000);
        using var reader = new LongReader(SharedTable.Of(dataset), fresh);

        var ids = await reader.BeginAsync();
        var read = ids.Select(_ => new List<byte>()).ToList();
        for (var piece = 0; piece < Pieces; piece++)
        {
            for (var file = 0; file < ids.Count; file++)
                read[file].AddRange(await reader.ReadAsync(file, piece, Pieces));
            await reader.WaitUntilRefusedAsync();
            await SharedTable.CommitAsync(fresh.Api, dataset, root, inPlace: true, 7 + piece);
        }

        Assert.True(reader.Refreshes >= Pieces - 1, $"addresses were signed anew {reader.Refreshes} times");
        Assert.Equal(ids, read.Select(bytes => New.Sha256([.. bytes])));
        Assert.Equal(2 + Pieces, SharedTable.VersionOf(await SharedTable.Of(dataset).QueryAsync(fresh.Api)));
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

    /// <summary>Reads files piece by piece without a key, and asks with its key for new addresses whenever one is refused.</summary>
    private sealed class LongReader(SharedTable table, FreshServer server) : IDisposable
    {
        private readonly Api _stranger = new(server.Server.Address, key: null);
        private IReadOnlyList<JsonElement> _files = [];
        private string? _token;

        public int Refreshes { get; private set; }

        public void Dispose() => _stranger.Dispose();

        /// <summary>The files of version 2, by their ids.</summary>
        public async Task<IReadOnlyList<string?>> BeginAsync()
        {
            await AskAsync(new { includeRefreshToken = true });
            return [.. _files.Select(IdOf)];
        }

        public async Task<byte[]> ReadAsync(int file, int piece, int pieces)
        {
            var size = _files[file].GetProperty("size").GetInt64();
            var (from, to) = (size * piece / pieces, (size * (piece + 1) / pieces) - 1);
            for (; ; )
            {
                var answer = await _stranger.GetAsync(PathOf(_files[file]), ("Range", $"bytes={from}-{to}"));
                if (answer.Code != 403)
                    return answer.Expect(206).Bytes;
                answer.ExpectProblem(403, "url.expired");
                await RefreshAsync();
            }
        }

        public Task WaitUntilRefusedAsync() =>
            Eventually.True(async () => (await _stranger.GetAsync(PathOf(_files[0]))).Code == 403, "the addresses run out");

        private async Task RefreshAsync()
        {
            var before = _files;
            await AskAsync(new { refreshToken = _token, includeRefreshToken = true });
            Assert.Equal(before.Select(IdOf), _files.Select(IdOf));
            Refreshes++;
        }

        private async Task AskAsync(object body)
        {
            var answer = await table.QueryAsync(server.Api, body);
            Assert.Equal(2, SharedTable.VersionOf(answer));
            (_files, _token) = (SharedTable.FilesOf(answer), EndOf(answer).GetProperty("refreshToken").GetString());
        }

        private static string? IdOf(JsonElement file) => file.GetProperty("id").GetString();

        private static string PathOf(JsonElement file) => new Uri(file.GetProperty("url").GetString() ?? "").PathAndQuery;
    }
}
