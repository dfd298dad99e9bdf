namespace Catalog.Server.Hosting;

/// <summary>What to do where PostgreSQL is missing, in the words of the system at hand.</summary>
internal static class PostgresAdvice
{
    public static string Install =>
        $"install PostgreSQL ({Command()}), name its folder with --postgres-bin or CATALOG_POSTGRES_BIN, or use a running server with --database";

    public static HostingException NotFound(PostgresFinding finding)
    {
        var named = finding.Places.FirstOrDefault(p => p.Source is "option" or "CATALOG_POSTGRES_BIN");
        return named is null
            ? new HostingException(
                HostingException.PostgresNotFound,
                $"No PostgreSQL of version {PostgresSearch.OldestMajor} or later was found, nor npm to fetch it with: {Install}.")
            : new HostingException(
                HostingException.PostgresNotFound,
                $"The folder '{named.Folder}' named for PostgreSQL cannot be used ({named.Finding}): name one that holds initdb and postgres, of version {PostgresSearch.OldestMajor} or later.");
    }

    public static HostingException OtherMajor(DataFolder data, int major, PostgresBinaries found) => new(
        HostingException.PostgresOtherMajor,
        $"The data folder '{data.Root}' was made by PostgreSQL {major} and only PostgreSQL {found.Version} was found in '{found.Folder}': "
        + $"install PostgreSQL {major} beside it, or name its folder with --postgres-bin or CATALOG_POSTGRES_BIN.");

    private static string Command() =>
        OperatingSystem.IsMacOS() ? "brew install postgresql@17"
        : OperatingSystem.IsWindows() ? "winget install PostgreSQL.PostgreSQL.17"
        : File.Exists("/usr/bin/apt-get") ? "apt-get install postgresql"
        : File.Exists("/usr/bin/dnf") ? "dnf install postgresql-server"
        : File.Exists("/sbin/apk") ? "apk add postgresql17"
        : "the package postgresql";
}
