using Npgsql;

namespace Catalog.Server.Hosting;

/// <summary>The connection string of a PostgreSQL run by others, checked before anything is started.</summary>
internal static class ExternalDatabase
{
    /// <exception cref="HostingException">It is none. The sentence does not quote it: it may hold a password.</exception>
    public static void DemandConnectionString(string text)
    {
        try
        {
            if (!string.IsNullOrWhiteSpace(new NpgsqlConnectionStringBuilder(text).Host))
                return;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            throw Invalid(e.Message.Split(" (Parameter", 2)[0].TrimEnd('.'), e);
        }

        throw Invalid("it names no host", cause: null);
    }

    private static HostingException Invalid(string reason, Exception? cause) => new(
        HostingException.DatabaseConnectionStringInvalid,
        $"--database is no connection string ({reason}): write it as \"Host=…;Username=…;Password=…;Database=catalog\".",
        cause);
}
