namespace Catalog.Server.Hosting;

/// <summary>
/// A user of the operating system that PostgreSQL runs as when the server itself is root, which PostgreSQL refuses to be.
/// </summary>
internal sealed record SystemAccount(string Name, uint UserId, uint GroupId)
{
    /// <summary>
    /// Who runs PostgreSQL: null for the server's own user; as root the cluster's owner, else <c>postgres</c>, else <c>nobody</c>.
    /// </summary>
    public static SystemAccount? For(DataFolder data, string? asked)
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
            return null;
        if (asked is not null)
        {
            return Posix.UserNamed(asked) ?? throw new HostingException(
                HostingException.PostgresFailed,
                $"There is no system user '{asked}' to run PostgreSQL as: create it, or leave the option out.");
        }

        return OwnerOf(data) ?? Posix.UserNamed("postgres") ?? Posix.UserNamed("nobody") ?? throw new HostingException(
            HostingException.PostgresFailed,
            "PostgreSQL does not run as root and neither 'postgres' nor 'nobody' exists: create a system user 'postgres'.");
    }

    private static SystemAccount? OwnerOf(DataFolder data) =>
        !OperatingSystem.IsWindows() && Posix.OwnerOf(Path.Combine(data.Postgres, "PG_VERSION")) is > 0 and var user
            ? Posix.UserWithId(user)
            : null;
}
