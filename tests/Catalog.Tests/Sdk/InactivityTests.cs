using System.Net;
using System.Text;
using Catalog.Sdk;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Catalog.Tests.Sdk;

/// <summary>Long calls may take any time, but not while nothing moves.</summary>
public sealed class InactivityTests
{
    private const string Result = """{"result":{"node":"dataset:demo/flights@3","changed":true,"position":9,"version":3}}""";
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task A_commit_that_tells_of_progress_may_take_longer_than_the_patience()
    {
        var lines = Enumerable.Repeat("""{"progress":{"files":1,"bytes":10}}""", 5).Append(Result);
        var server = new StandInServer().Then(_ => Lines(new SlowLines(_clock, TimeSpan.FromMinutes(4), lines)));
        await using var catalog = Connect(server);

        Assert.Equal(3, (await catalog.Datasets.CommitAsync("demo/flights", new NewVersion())).Version);
    }

    [Fact]
    public async Task A_commit_of_which_nothing_is_heard_ends()
    {
        var server = new StandInServer().Then(_ => Lines(new SlowLines(_clock, TimeSpan.FromMinutes(6), [Result])));
        await using var catalog = Connect(server);

        var e = await Assert.ThrowsAsync<CatalogException>(() => catalog.Datasets.CommitAsync("demo/flights", new NewVersion()));

        Assert.Equal("network.timeout", e.Code);
    }

    [Fact]
    public async Task An_upload_that_is_never_answered_ends()
    {
        var server = new StandInServer().ThenFallsSilent(() => _clock.Advance(TimeSpan.FromMinutes(6)));
        await using var catalog = Connect(server);

        var e = await Assert.ThrowsAsync<CatalogException>(() => catalog.Objects.UploadAsync(new MemoryStream([1])));

        Assert.Equal("network.timeout", e.Code);
    }

    [Fact]
    public async Task A_download_that_dries_up_ends()
    {
        var server = new StandInServer().Then(_ => Lines(new SlowLines(_clock, TimeSpan.FromMinutes(6), ["a"])));
        await using var catalog = Connect(server);
        using var stream = await catalog.Datasets.Reader(NodeId.Dataset("demo", "flights", 3)).OpenAsync("a.csv");

        var e = await Assert.ThrowsAsync<CatalogException>(() => stream.CopyToAsync(Stream.Null));

        Assert.Equal("network.timeout", e.Code);
    }

    [Fact]
    public async Task A_backup_that_dries_up_ends()
    {
        var server = new StandInServer().Then(_ => Lines(new SlowLines(_clock, TimeSpan.FromMinutes(6), ["a"])));
        await using var catalog = Connect(server);

        var e = await Assert.ThrowsAsync<CatalogException>(() => catalog.BackupAsync(Stream.Null));

        Assert.Equal("network.timeout", e.Code);
    }

    private CatalogClient Connect(StandInServer server) => server.Connect(
        new CatalogClientOptions { MaxRetries = 0, Time = _clock, InactivityTimeout = TimeSpan.FromMinutes(5) });

    private static HttpResponseMessage Lines(Stream body)
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(body) };
        response.Content.Headers.ContentType = new("application/x-ndjson");
        return response;
    }

    /// <summary>A body of lines, before each of which some time goes by.</summary>
    private sealed class SlowLines(FakeTimeProvider clock, TimeSpan pause, IEnumerable<string> lines) : MemoryStream
    {
        private readonly Queue<byte[]> _lines = new(lines.Select(l => Encoding.UTF8.GetBytes(l + '\n')));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_lines.TryDequeue(out var line))
                return ValueTask.FromResult(0);

            clock.Advance(pause);
            cancellationToken.ThrowIfCancellationRequested();
            line.CopyTo(buffer);
            return ValueTask.FromResult(line.Length);
        }
    }
}
