using System.Net;
using Catalog.Server.Authentication;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Catalog.Tests.Authentication;

public sealed class FailedAttemptsTests
{
    private static readonly IPAddress s_one = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress s_other = IPAddress.Parse("192.0.2.2");

    private readonly FakeTimeProvider _clock = new();
    private readonly FailedAttempts _attempts;

    public FailedAttemptsTests() => _attempts = new FailedAttempts(_clock);

    [Fact]
    public void Twenty_failures_are_told_why_and_then_when_to_come_again()
    {
        Fail(s_one, FailedAttempts.Most);
        Assert.NotNull(_attempts.Refusal(s_one));
        Assert.Null(_attempts.Refusal(s_other));

        _clock.Advance(TimeSpan.FromSeconds(17.5));
        var tooMany = _attempts.Add(s_one);

        Assert.Equal(("access.too_many_failures", "43"), (tooMany?.Code, tooMany?.RetrySeconds));
        _clock.Advance(TimeSpan.FromSeconds(42.5));
        Assert.Null(_attempts.Refusal(s_one));
        Fail(s_one, FailedAttempts.Most);
        Assert.NotNull(_attempts.Add(s_one));
    }

    [Theory]
    [InlineData("2001:db8:1:2:3::4", "2001:db8:1:2:ffff:eeee::1", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1", true)]
    public void Whoever_has_a_network_has_one_count(string one, string other, bool isSame)
    {
        Fail(IPAddress.Parse(one), FailedAttempts.Most);

        Assert.Equal(isSame, _attempts.Refusal(IPAddress.Parse(other)) is not null);
    }

    [Fact]
    public void Addresses_beyond_the_bound_share_a_count_until_there_is_room()
    {
        for (var i = 0; i < FailedAttempts.MaxAddresses; i++)
            Assert.Null(_attempts.Add(new IPAddress((long)i + 1)));
        Fail(s_one, FailedAttempts.Most);

        Assert.NotNull(_attempts.Refusal(s_one));
        Assert.NotNull(_attempts.Refusal(s_other));
        Assert.Null(_attempts.Refusal(new IPAddress(1)));

        _clock.Advance(FailedAttempts.Window);
        Fail(s_other, FailedAttempts.Most);
        Assert.Null(_attempts.Refusal(s_one));
    }

    [Fact]
    public void An_address_that_nobody_knows_is_one_address()
    {
        Fail(from: null, FailedAttempts.Most);

        Assert.NotNull(_attempts.Refusal(null));
    }

    private void Fail(IPAddress? from, int times)
    {
        for (var i = 0; i < times; i++)
            Assert.Null(_attempts.Add(from));
    }
}
