using Catalog.IntegrationTests.Serving;
using Catalog.Storage.Objects;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.IntegrationTests.Http;

/// <summary>Addresses that the server signed for objects in its data folder, used without a key.</summary>
public sealed class SignedObjectTests(ServerFixture server)
{
    private const string Text = "0123456789";

    [Theory]
    [InlineData("plain")]
    [InlineData("with space/100% sure")]
    [InlineData("a%2Fb+c&d=e?f#g")]
    [InlineData("日本語/🛫.parquet")]
    public async Task An_object_is_written_once_and_read_in_whole_and_in_part(string name)
    {
        await server.ApiAsync();
        using var stranger = new Api(server.Server.Address, key: null);
        var key = $"{New.Name("signed")}/{name}";
        var write = await SignAsync(key, write: true);
        var read = await SignAsync(key);

        (await stranger.GetAsync(read)).ExpectProblem(404, "request.not_found");
        (await stranger.PutAsync(write, new StringContent(Text))).Expect(200);
        (await stranger.PutAsync(write, new StringContent(Text))).ExpectProblem(412, "request.precondition_failed");

        Assert.Equal(Text, (await stranger.GetAsync(read)).Expect(200).Text);
        Assert.Equal("345", (await stranger.GetAsync(read, ("Range", "bytes=3-5"))).Expect(206).Text);
        Assert.Equal("89", (await stranger.GetAsync(read, ("Range", "bytes=-2"))).Expect(206).Text);
        (await stranger.GetAsync(read, ("Range", "bytes=10-"))).Expect(416);
    }

    [Fact]
    public async Task An_uploaded_object_comes_with_its_digest()
    {
        var api = await server.ApiAsync();
        var bytes = System.Text.Encoding.UTF8.GetBytes(New.Name());
        var sha256 = (await api.UploadAsync(bytes)).Expect(201)["sha256"].GetString() ?? "";
        using var stranger = new Api(server.Server.Address, key: null);

        var answer = (await stranger.GetAsync(await SignAsync(ContentStore.KeyOf(sha256)))).Expect(200);

        Assert.Equal(bytes, answer.Bytes);
        Assert.Equal($"\"{sha256}\"", answer.ETag);
    }

    [Fact]
    public async Task What_was_changed_is_refused_and_a_key_does_not_help()
    {
        var api = await server.ApiAsync();
        var key = New.Name("signed");
        var write = await SignAsync(key, write: true);
        (await api.PutAsync(write, new StringContent(Text))).Expect(200);
        var read = await SignAsync(key);

        (await api.PutAsync(read, new StringContent("x"))).ExpectProblem(403, "url.altered");
        (await api.GetAsync(write)).ExpectProblem(403, "url.altered");
        (await api.GetAsync(read.Replace(key, key + "x"))).ExpectProblem(403, "url.altered");
        (await api.GetAsync(read.Replace("expires=", "expires=9"))).ExpectProblem(403, "url.altered");
        (await api.GetAsync("/objects/" + key)).ExpectProblem(403, "url.altered");
    }

    [Fact]
    public async Task When_the_time_is_over_the_address_is_refused_and_another_is_good()
    {
        var api = await server.ApiAsync();
        var key = New.Name("signed");
        (await api.PutAsync(await SignAsync(key, write: true), new StringContent(Text))).Expect(200);
        var read = await SignAsync(key, lifetime: TimeSpan.FromSeconds(1));

        await Eventually.True(async () => (await api.GetAsync(read)).Code == 403, "the address is refused");

        (await api.GetAsync(read)).ExpectProblem(403, "url.expired");
        (await api.GetAsync(await SignAsync(key))).Expect(200);
    }

    [Fact]
    public async Task The_secret_is_for_its_owner_only()
    {
        await server.ApiAsync();
        var file = Path.Combine(server.Server.Data.Keys, "url-signing.key");

        Assert.Equal(32, new FileInfo(file).Length);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    private async Task<string> SignAsync(string key, bool write = false, TimeSpan? lifetime = null)
    {
        var signer = server.Server.Services.GetRequiredService<IUrlSigner>();
        var ct = TestContext.Current.CancellationToken;
        return (write ? await signer.SignWriteAsync(key, lifetime, ct) : await signer.SignReadAsync(key, lifetime, ct)).Url.OriginalString;
    }
}
