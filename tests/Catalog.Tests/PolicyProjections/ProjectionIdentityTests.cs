using Catalog.Access;
using Catalog.Platform.Http;
using Catalog.PolicyProjections;
using Xunit;

namespace Catalog.Tests.PolicyProjections;

public sealed class ProjectionIdentityTests
{
    private static readonly string s_content = new('a', 64);
    private static readonly byte[] s_key = new byte[32];

    private static readonly AccessObligations s_some =
        new([new("card", Mask.Hash), new("name", Mask.Redact)], Mask.None, ["amount < 30", "region = 'eu'"]);

    [Fact]
    public void Who_is_bound_to_the_same_shares_a_projection_however_it_was_written()
    {
        AccessObligations[] same =
        [
            s_some,
            s_some with { Masks = [.. s_some.Masks.Reverse()] },
            s_some with { RowFilters = ["region = 'eu'", "amount < 30"] },
            s_some with { RowFilters = ["\"region\"  =  'eu' AND amount<30"] },
            s_some with { RowFilters = ["amount < 30 and region = 'eu'", "amount < 30"] },
        ];

        Assert.Single(same.Select(o => ProjectionIdentity.Of(s_content, o, s_key)).Distinct());
    }

    [Fact]
    public void What_is_shown_otherwise_is_another_projection()
    {
        AccessObligations[] others =
        [
            s_some,
            AccessObligations.None,
            s_some with { Everywhere = Mask.Null },
            s_some with { Masks = [new("card", Mask.Null), new("name", Mask.Redact)] },
            s_some with { Masks = [new("card", Mask.Hash)] },
            s_some with { Masks = [new("card", Mask.Hash), new("surname", Mask.Redact)] },
            s_some with { Masks = [new("card,hash],[name", Mask.Redact)] },
            s_some with { RowFilters = [] },
            s_some with { RowFilters = ["amount < 31", "region = 'eu'"] },
            s_some with { RowFilters = ["amount < 30 and region = 'eu' and region = 'EU'"] },
        ];
        var hashes = others.Select(o => ProjectionIdentity.Of(s_content, o, s_key))
            .Append(ProjectionIdentity.Of(new('b', 64), s_some, s_key))
            .Append(ProjectionIdentity.Of(s_content, s_some, [1, .. s_key.Skip(1)]))
            .ToList();

        Assert.Equal(hashes.Count, hashes.Distinct().Count());
        Assert.All(hashes, h => Assert.True(Catalog.Integrity.Sha256.IsHash(h)));
    }

    [Fact]
    public void Where_what_rows_have_to_meet_cannot_be_read_there_is_no_projection()
    {
        var refused = Assert.Throws<ProblemException>(
            () => ProjectionIdentity.Of(s_content, s_some with { RowFilters = ["region ~ 'secret'"] }, s_key));

        Assert.Equal("access.denied", refused.Problem.Code);
        Assert.DoesNotContain("secret", refused.Problem.Detail, StringComparison.Ordinal);
    }

    /// <summary>What was made before is found again by the next release.</summary>
    [Fact]
    public void A_projection_keeps_its_hash() => Assert.Equal(
        "73870be2ae55bf5d184abf492fd6c42565dcdac0f60bef26b0cf78cfddb32d14", ProjectionIdentity.Of(s_content, s_some, s_key));
}
