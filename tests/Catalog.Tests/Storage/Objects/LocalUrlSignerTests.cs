using Catalog.Storage.Objects;
using Catalog.Storage.Objects.Local;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Catalog.Tests.Storage.Objects;

public sealed class LocalUrlSignerTests
{
    private static readonly DateTimeOffset s_now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _clock = new(s_now);
    private readonly UrlSignatures _signatures;
    private readonly LocalUrlSigner _signer;

    public LocalUrlSignerTests()
    {
        _signatures = new UrlSignatures(new byte[32], _clock);
        _signer = new LocalUrlSigner(_signatures);
    }

    [Fact]
    public async Task An_address_is_good_for_fifteen_minutes_and_not_a_second_longer()
    {
        var url = await _signer.SignReadAsync("a/b c", null, Ct);

        Assert.Equal(("GET", s_now.AddMinutes(15)), (url.Method, url.ExpiresAt));
        Assert.StartsWith("/objects/a/b%20c?expires=1893456900&signature=", url.Url.OriginalString, StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromSeconds((15 * 60) - 1));
        Assert.Null(Check("GET", "a/b c", url));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(UrlFault.Expired, Check("GET", "a/b c", url));
        Assert.Null(Check("GET", "a/b c", await _signer.SignReadAsync("a/b c", null, Ct)));
    }

    [Fact]
    public async Task What_was_signed_is_good_for_nothing_else()
    {
        var url = await _signer.SignWriteAsync("a", TimeSpan.FromHours(1), Ct);
        var (expires, signature) = Parts(url);

        Assert.Null(_signatures.Check("PUT", "/objects/a", expires, signature));
        Assert.Equal(UrlFault.Altered, _signatures.Check("GET", "/objects/a", expires, signature));
        Assert.Equal(UrlFault.Altered, _signatures.Check("PUT", "/objects/b", expires, signature));
        Assert.Equal(UrlFault.Altered, _signatures.Check("PUT", "/files/a", expires, signature));
        Assert.Equal(UrlFault.Altered, _signatures.Check("PUT", "/objects/a", expires + "0", signature));
        Assert.Equal(UrlFault.Altered, _signatures.Check("PUT", "/objects/a", "+" + expires, signature));
        Assert.Equal(UrlFault.Altered, _signatures.Check("PUT", "/objects/a", expires, signature[..^1]));
        Assert.Equal(UrlFault.Altered, _signatures.Check("PUT", "/objects/a", expires, signature: null));
        Assert.Equal(UrlFault.Altered, _signatures.Check("PUT", "/objects/a", expires: null, signature));
        Assert.Equal(UrlFault.Altered, new UrlSignatures([.. new byte[31], 1], _clock).Check("PUT", "/objects/a", expires, signature));
    }

    [Fact]
    public async Task A_key_or_a_lifetime_that_cannot_be_is_refused()
    {
        var refused = await Assert.ThrowsAsync<ObjectStoreException>(() => _signer.SignReadAsync("a/../b", null, Ct));

        Assert.Equal(ObjectStoreError.InvalidKey, refused.Error);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _signer.SignReadAsync("a", TimeSpan.Zero, Ct));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _signer.SignWriteAsync("a", TimeSpan.FromDays(8), Ct));
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private UrlFault? Check(string method, string key, SignedUrl url) =>
        Parts(url) is var (expires, signature) ? _signatures.Check(method, "/objects/" + key, expires, signature) : UrlFault.Altered;

    private static (string Expires, string Signature) Parts(SignedUrl url) =>
        url.Url.OriginalString.Split("expires=")[1].Split("&signature=") is [var expires, var signature] ? (expires, signature) : ("", "");
}
