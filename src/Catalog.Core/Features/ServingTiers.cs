namespace Catalog.Features;

/// <summary>Where the values of a view are looked up, in the order in which the places are asked.</summary>
public static class ServingTiers
{
    /// <summary>In the memory of the server.</summary>
    public const string Memory = "memory";

    /// <summary>In a Redis or Valkey that servers share.</summary>
    public const string Redis = "redis";

    /// <summary>In the generation's file in the object store, slowly.</summary>
    public const string Offline = "offline";

    /// <summary>The closed list.</summary>
    public static IReadOnlyList<string> All { get; } = [Memory, Redis, Offline];

    /// <summary>Of a view that declares none.</summary>
    public static IReadOnlyList<string> Default { get; } = [Memory, Offline];

    /// <summary>What is wrong with a list of them, worded to follow the field; null for nothing.</summary>
    public static string? Check(IReadOnlyList<string> tiers) =>
        tiers.Count == 0 ? $"must name a tier at least: {List}."
        : tiers.FirstOrDefault(t => !All.Contains(t, StringComparer.Ordinal)) is { } unknown ? $"must be of {List}, not '{unknown}'."
        : tiers.GroupBy(t => t, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { Key: var twice }
            ? $"must name each tier once: '{twice}' is there twice."
        : null;

    private static string List => string.Join(", ", All);
}
