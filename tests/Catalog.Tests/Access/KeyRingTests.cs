using Catalog.Access;
using Catalog.Access.Principals;
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
        var ring = Ring(
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
        var ring = Ring((id, _) => Task.FromResult(id == text.KeyId ? key : null), _clock);

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
        var ring = Ring((_, _) => revoked ? Task.FromResult<ApiKey?>(Key(text, revoked: true)) : reading.Task, _clock);

        var early = FindAsync(ring, text);
        revoked = true;
        ring.Forget(text.KeyId);
        reading.SetResult(Key(text, revoked: false));

        Assert.True((await early).Succeeded);
        Assert.Equal("access.key_revoked", (await FindAsync(ring, text)).Problem?.Code);
    }

    [Fact]
    public async Task A_known_key_outlives_the_database_for_a_while()
    {
        var text = KeyText.Create();
        var (isUp, reads) = (true, 0);
        var ring = Ring(
            (_, _) =>
            {
                reads++;
                return isUp ? Task.FromResult<ApiKey?>(Key(text, revoked: false)) : throw new Npgsql.NpgsqlException("down");
            },
            _clock);
        await FindAsync(ring, text);
        isUp = false;

        _clock.Advance(TimeSpan.FromMinutes(14));
        Assert.True((await FindAsync(ring, text)).Succeeded);
        Assert.True((await FindAsync(ring, text)).Succeeded);
        Assert.Equal((2, true), (reads, ring.IsOnItsOwn));

        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("access.unverifiable", (await FindAsync(ring, text)).Problem?.Code);
        await Assert.ThrowsAsync<Npgsql.NpgsqlException>(() => FindAsync(ring, KeyText.Create()));

        isUp = true;
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True((await FindAsync(ring, text)).Succeeded);
        Assert.False(ring.IsOnItsOwn);
    }

    [Fact]
    public async Task Without_the_database_a_revoked_key_and_one_that_ended_open_nothing()
    {
        var (revoked, ended) = (KeyText.Create(), KeyText.Create());
        var ring = Ring((_, _) => throw new Npgsql.NpgsqlException("down"), _clock);
        Assert.True(ring.Note(
            [Key(revoked, revoked: true), Key(ended, revoked: false) with { ExpiresAt = _clock.GetUtcNow().AddMinutes(1) }], ring.Changes));

        Assert.True((await FindAsync(ring, ended)).Succeeded);
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal("access.key_expired", (await FindAsync(ring, ended)).Problem?.Code);
        Assert.Equal("access.key_revoked", (await FindAsync(ring, revoked)).Problem?.Code);
    }

    [Fact]
    public async Task What_was_read_before_a_key_changed_is_not_noted()
    {
        var text = KeyText.Create();
        var ring = Ring((_, _) => throw new Npgsql.NpgsqlException("down"), _clock);
        var read = ring.Changes;
        ring.Forget(text.KeyId);

        Assert.False(ring.Note([Key(text, revoked: false)], read));

        await Assert.ThrowsAsync<Npgsql.NpgsqlException>(() => FindAsync(ring, text));
    }

    [Fact]
    public async Task A_database_that_hangs_is_not_waited_for_long()
    {
        var text = KeyText.Create();
        var ring = Ring((_, ct) => new TaskCompletionSource<ApiKey?>().Task.WaitAsync(ct), _clock);
        ring.Note([Key(text, revoked: false)], ring.Changes);

        var found = FindAsync(ring, text);
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.True((await found).Succeeded);
    }

    [Fact]
    public async Task A_key_of_a_principal_that_is_shut_out_opens_nothing_until_it_is_let_in()
    {
        var text = KeyText.Create();
        var principal = new Principal { Id = Principal.StreamId("someone"), Kind = PrincipalKind.Service, Disabled = true };
        var standings = new PrincipalStandings((id, _) => Task.FromResult(id == "someone" ? principal : null), _clock);
        var ring = new KeyRing((_, _) => Task.FromResult<ApiKey?>(Key(text, revoked: false)), standings, _clock);

        Assert.Equal("access.principal_disabled", (await FindAsync(ring, text)).Problem?.Code);
        Assert.Equal(
            "access.principal_disabled", (await ring.StandsAsync(text.KeyId, TestContext.Current.CancellationToken)).Problem?.Code);

        principal = principal with { Disabled = false };
        standings.Forget("someone");
        Assert.True((await FindAsync(ring, text)).Succeeded);

        principal = principal with { Disabled = true };
        Assert.True((await FindAsync(ring, text)).Succeeded);
        _clock.Advance(KeyRing.Remembered);
        Assert.Equal("access.principal_disabled", (await FindAsync(ring, text)).Problem?.Code);
    }

    private static KeyRing Ring(Func<string, CancellationToken, Task<ApiKey?>> load, TimeProvider clock) =>
        new(load, new PrincipalStandings((_, _) => Task.FromResult<Principal?>(null), clock), clock);

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
