using System.Diagnostics.CodeAnalysis;

namespace Catalog.Tiers;

/// <summary>
/// Where bytes can be, from fast and dear to slow and cheap. Zero is no tier, so that an unset one never looks like a choice.
/// </summary>
public enum Tier
{
    /// <summary>Held in the cache on a local disk, whatever else comes; and in the object store behind it.</summary>
    Hot = 1,

    /// <summary>In the object store.</summary>
    Warm,

    /// <summary>In the archive: read from there as from the object store, only slower, and not in the store any more.</summary>
    Cold,
}

/// <summary>How tiers are written: in lower case, read in any case.</summary>
public static class TierWords
{
    public const string List = "hot, warm, cold";

    public static string Write(Tier tier) => tier switch
    {
        Tier.Hot => "hot",
        Tier.Warm => "warm",
        Tier.Cold => "cold",
        _ => throw new ArgumentOutOfRangeException(nameof(tier), tier, $"The tiers are {List}."),
    };

    public static bool TryParse([NotNullWhen(true)] string? text, out Tier tier)
    {
        foreach (var candidate in Enum.GetValues<Tier>())
        {
            if (string.Equals(text, Write(candidate), StringComparison.OrdinalIgnoreCase))
            {
                tier = candidate;
                return true;
            }
        }

        tier = default;
        return false;
    }
}
