using System.Diagnostics.CodeAnalysis;

namespace Catalog.Access;

/// <summary>What a key lets its holder do before any policy is asked; each role includes the one before it.</summary>
public enum Role
{
    /// <summary>Nothing of its own: what policies allow.</summary>
    None = -1,

    /// <summary>Reads metadata and data.</summary>
    Reader = 0,

    /// <summary>Also registers, describes, commits, runs and deploys.</summary>
    Writer,

    /// <summary>Also manages keys and takes backups.</summary>
    Admin,
}

/// <summary>How roles are written: in lower case, read in any case.</summary>
public static class Roles
{
    public const string List = "none, reader, writer, admin";

    public static string Write(Role role) => role switch
    {
        Role.None => "none",
        Role.Reader => "reader",
        Role.Writer => "writer",
        Role.Admin => "admin",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, $"The roles are {List}."),
    };

    public static bool TryParse([NotNullWhen(true)] string? text, out Role role)
    {
        foreach (var candidate in Enum.GetValues<Role>())
        {
            if (string.Equals(text, Write(candidate), StringComparison.OrdinalIgnoreCase))
            {
                role = candidate;
                return true;
            }
        }

        role = default;
        return false;
    }
}
