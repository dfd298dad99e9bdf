namespace Catalog.Access.Policies;

/// <summary>What a statement does where it applies.</summary>
public enum Effect
{
    /// <summary>Lets it happen, unless another statement is against it.</summary>
    Allow,

    /// <summary>Forbids it, whatever else is allowed.</summary>
    Deny,

    /// <summary>Lets data out with columns masked.</summary>
    Mask,

    /// <summary>Lets data out with only the rows that meet a filter.</summary>
    Filter,

    /// <summary>Forbids it until something else has happened, such as an approval.</summary>
    Require,
}

/// <summary>How effects are written: in lower case, read in any case.</summary>
public static class Effects
{
    public const string List = "allow, deny, mask, filter, require";

    public static string Write(Effect effect) => effect switch
    {
        Effect.Allow => "allow",
        Effect.Deny => "deny",
        Effect.Mask => "mask",
        Effect.Filter => "filter",
        Effect.Require => "require",
        _ => throw new ArgumentOutOfRangeException(nameof(effect), effect, $"The effects are {List}."),
    };

    public static Effect? Read(string? text) =>
        Enum.GetValues<Effect>().Where(e => string.Equals(Write(e), text, StringComparison.OrdinalIgnoreCase))
            .Select(e => (Effect?)e).FirstOrDefault();
}
