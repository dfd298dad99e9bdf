using Catalog.Access;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Catalog.Tests.Access;

public sealed class KeyRingTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task A_key_is_read_once_and_again_when_the_memory_is_old()
    {
        var text = KeyText.Create();
        var reads = 0;
        var ring = new KeyRing(
            (_, _) =>
            {
                reads++;
                return Task.FromResult<ApiKey?>(Key(text, revoked: false));
            },
            _clock);

        await FindAsync(ring, text);
        Assert.True((await FindAsync(ring, text)).Succeeded);
        Assert.Equal(1, reads);

        _clock.Advance(KeyRing.Remembered);
        await FindAsync(ring, text);
        Assert.Equal(2, reads);
    }

    [Fact]
    public async Task A_key_that_opened_before_stands_until_it_is_revoked_or_ends()
    {
        var text = KeyText.Create();
        var key = Key(text, revoked: false) with { ExpiresAt = _clock.GetUtcNow().AddHours(1) };
        var ring = new KeyRing((id, _) => Task.FromResult(id == text.KeyId ? key : null), _clock);

        Assert.True((await StandsAsync(text.KeyId)).Succeeded);
        Assert.Equal("access.key_unknown", (await StandsAsync("another")).Problem?.Code);
        key = key with { Revoked = true };
        ring.Forget(text.KeyId);
        Assert.Equal("access.key_revoked", (await StandsAsync(text.KeyId)).Problem?.Code);
        key = key with { Revoked = false };
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal("access.key_expired", (await StandsAsync(text.KeyId)).Problem?.Code);

        Task<Platform.Outcome<ApiKey>> StandsAsync(string id) => ring.StandsAsync(id, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_key_that_is_revoked_while_it_is_read_opens_nothing_afterwards()
    {
        var text = KeyText.Create();
        var reading = new TaskCompletionSource<ApiKey?>();
        var revoked = false;
        var ring = new KeyRing((_, _) => revoked ? Task.FromResult<ApiKey?>(Key(text, revoked: true)) : reading.Task, _clock);

        var early = FindAsync(ring, text);
        revoked = true;
        ring.Forget(text.KeyId);
        reading.SetResult(Key(text, revoked: false));

        Assert.True((await early).Succeeded);
        Assert.Equal("access.key_revoked", (await FindAsync(ring, text)).Problem?.Code);
    }

    private static Task<Catalog.Platform.Outcome<ApiKey>> FindAsync(KeyRing ring, KeyText text) =>
        ring.FindAsync(text.ToString(), TestContext.Current.CancellationToken);

    private static ApiKey Key(KeyText text, bool revoked) => new()
    {
        Id = ApiKey.StreamId(text.KeyId),
        KeyId = text.KeyId,
        Principal = "someone",
        Role = Role.Reader,
        SecretHash = text.SecretHash,
        Revoked = revoked,
    };
}
