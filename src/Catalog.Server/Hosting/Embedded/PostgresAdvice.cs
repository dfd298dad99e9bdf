namespace Catalog.Server.Hosting;

/// <summary>What to do where PostgreSQL is missing, in the words of the system at hand.</summary>
internal static class PostgresAdvice
{
    private const int Recommended = 17;

    public static string Install(int? major) =>
        $"install PostgreSQL{(major is null ? "" : $" {major}")} ({Command(major)}), name its folder with --postgres-bin or "
        + "CATALOG_POSTGRES_BIN, or use a running server with --database";

    /// <param name="finding">What was looked at in vain.</param>
    /// <param name="major">The version that a cluster here needs; null where there is none yet.</param>
    /// <param name="fetched">Whether npm fetched one, which then is among the places that were looked at.</param>
    public static HostingException NotFound(PostgresFinding finding, int? major, bool fetched)
    {
        var named = finding.Places.FirstOrDefault(p => p.Source is "option" or "CATALOG_POSTGRES_BIN");
        if (named is not null)
        {
            return new HostingException(
                HostingException.PostgresNotFound,
                $"The folder '{named.Folder}' named for PostgreSQL cannot be used ({named.Finding}): "
                + $"name one that holds initdb and postgres, of version {PostgresSearch.OldestMajor} or later.");
        }

        var reason = finding.Places.LastOrDefault() is { } last ? $" (in '{last.Folder}': {last.Finding})" : "";
        return new HostingException(
            HostingException.PostgresNotFound,
            $"No PostgreSQL of version {PostgresSearch.OldestMajor} or later that runs was found{reason}"
            + $"{(fetched ? "" : ", nor npm to fetch it with")}: "
            + $"{Install(major)}.");
    }

    /// <param name="data">The data folder.</param>
    /// <param name="major">The version that made its cluster.</param>
    /// <param name="found">What there is instead.</param>
    /// <param name="notFetched">Why npm could not fetch the right one, where that was tried.</param>
    public static HostingException OtherMajor(DataFolder data, int major, PostgresBinaries found, HostingException? notFetched) => new(
        HostingException.PostgresOtherMajor,
        $"The data folder '{data.Root}' was made by PostgreSQL {major} and only PostgreSQL {found.Version} was found in '{found.Folder}'"
        + (notFetched is { Reason: { } reason } ? $", and npm could not fetch another ({reason})" : "")
        + $": install PostgreSQL {major} beside it ({Command(major)}), or name its folder with --postgres-bin or CATALOG_POSTGRES_BIN.",
        notFetched);

    /// <param name="reason">Why not, without a full stop.</param>
    /// <param name="major">The version that was to be fetched; null for the one that new clusters get.</param>
    /// <param name="inner">What failed.</param>
    public static HostingException NotFetched(string reason, int? major, Exception? inner) => new(
        HostingException.PostgresNotFound,
        $"No PostgreSQL{(major is null ? "" : $" {major}")} is installed here and it could not be fetched ({reason}): {Install(major)}.",
        inner)
    {
        Reason = reason,
    };

    private static string Command(int? major) =>
        OperatingSystem.IsMacOS() ? $"brew install postgresql@{major ?? Recommended}"
        : OperatingSystem.IsWindows() ? $"winget install PostgreSQL.PostgreSQL.{major ?? Recommended}"
        : File.Exists("/usr/bin/apt-get") ? $"apt-get install postgresql{(major is null ? "" : $"-{major}")}"
        : File.Exists("/usr/bin/dnf") ? "dnf install postgresql-server"
        : File.Exists("/sbin/apk") ? $"apk add postgresql{major ?? Recommended}"
        : "the package postgresql";
}
