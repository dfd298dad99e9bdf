using System.Net;
using System.Text.Json;
using Catalog.Tests.Sdk;
using Xunit;

namespace Catalog.Tests.Cli;

/// <summary><c>urls</c>, and <c>key create --delta-sharing-profile</c>.</summary>
public sealed class SharingVerbTests : IDisposable
{
    private const string Version = """{"node":"dataset:demo/x@3","number":3}""";
    private const string Key =
        """
        {"id":"k1","name":"p","role":"reader","principal":"key-k1","expiresAt":"2027-01-31T00:00:00+00:00",
        "key":"cat_k1_secret","position":1}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("catalog-cli").FullName;
    private readonly CommandLine _line = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Addresses_are_printed_a_line_each_with_the_address_last()
    {
        _line.Server.Then(HttpStatusCode.OK, Version).Then(HttpStatusCode.OK, Answer("a.parquet"));

        Assert.Equal(0, await _line.RunAsync("dataset", "urls", "demo/x@3", "--prefix", "a", "--minutes", "2"));

        Assert.Equal(["a.parquet", "7", "ab", "http://bucket.test/a%2F1?s=1"], _line.Out.TrimEnd('\n').Split('\t').Where((_, i) => i != 3));
        Assert.Equal(
            "/v1/datasets/demo/x/versions/3/files/signed?lifetimeSeconds=120&prefix=a&limit=1000", _line.Server.Requests[^1].Target);
    }

    [Fact]
    public async Task One_file_is_asked_for_by_its_path()
    {
        _line.Server.Then(HttpStatusCode.OK, Version).Then(HttpStatusCode.OK, Answer("a.parquet"));

        Assert.Equal(0, await _line.RunAsync("dataset", "urls", "demo/x@3", "--file", "a.parquet", "--json"));

        Assert.Equal("http://bucket.test/a%2F1?s=1", JsonDocument.Parse(_line.Out).RootElement[0].GetProperty("url").GetString());
        Assert.Equal("/v1/datasets/demo/x/versions/3/files/signed?path=a.parquet", _line.Server.Requests[^1].Target);
    }

    [Theory]
    [InlineData("dataset urls demo/x --minutes 0")]
    [InlineData("dataset urls demo/x --minutes 10081")]
    [InlineData("dataset urls demo/x --file a --prefix b")]
    [InlineData("dataset download demo/x --file a --signed")]
    [InlineData("serve --url-minutes 0")]
    [InlineData("serve --public-url catalog.example.org")]
    public async Task What_cannot_be_meant_is_refused(string line)
    {
        _line.Server.Always("GET /v1/datasets/demo/x/versions/latest", Version);

        Assert.Equal(2, await _line.RunAsync(line.Split(' ')));
    }

    [Fact]
    public async Task A_profile_holds_the_address_and_the_key_for_its_owners_eyes_only()
    {
        _line.Server.Then(HttpStatusCode.Created, Key);
        var file = Path.Combine(_folder, "p.share");

        Assert.Equal(0, await _line.RunAsync("key", "create", "p", "--role", "reader", "--delta-sharing-profile", file));

        Assert.Equal($"key k1 is in {file}\n", _line.Out);
        var profile = JsonDocument.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).RootElement;
        Assert.Equal(1, profile.GetProperty("shareCredentialsVersion").GetInt32());
        Assert.Equal("http://catalog.test/delta-sharing", profile.GetProperty("endpoint").GetString());
        Assert.Equal("cat_k1_secret", profile.GetProperty("bearerToken").GetString());
        Assert.Equal("2027-01-31T00:00:00.000Z", profile.GetProperty("expirationTime").GetString());
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task No_key_is_made_where_its_file_cannot_be_and_no_file_where_the_key_is_refused()
    {
        var file = Path.Combine(_folder, "p.share");
        await File.WriteAllTextAsync(file, "mine", TestContext.Current.CancellationToken);

        Assert.Equal(1, await _line.RunAsync("key", "create", "p", "--role", "reader", "--delta-sharing-profile", file));
        Assert.Empty(_line.Server.Requests);
        Assert.Equal("mine", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));

        var other = Path.Combine(_folder, "q.share");
        _line.Server.Then(HttpStatusCode.Forbidden, StandInServer.Problem(403, "access.denied", "No."));
        Assert.Equal(1, await _line.RunAsync("key", "create", "p", "--role", "reader", "--delta-sharing-profile", other));
        Assert.False(File.Exists(other));
    }

    private static string Answer(string path) =>
        $$"""
        {"items":[{"path":"{{path}}","bytes":7,"sha256":"ab","url":"http://bucket.test/a%2F1?s=1","headers":{},
        "expiresAt":"2027-01-31T00:00:00+00:00"}],"next":null}
        """;
}
