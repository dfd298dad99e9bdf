using System.Security.Cryptography;
using Catalog.Auditing;
using Npgsql;

namespace Catalog.Server.Hosting;

/// <summary>
/// The role that SQL tools come with when TCP is opened: reads the views that are there for it and nothing else, and needs the password in
/// <c>keys/postgres-auditor.password</c>. Without TCP it cannot log in.
/// </summary>
internal static class AuditorAccess
{
    private const int PasswordBytes = 24;

    public static string PasswordFile(DataFolder data) => Path.Combine(data.Keys, "postgres-auditor.password");

    public static async Task PrepareAsync(NpgsqlConnection connection, PostgresSetup setup, CancellationToken ct)
    {
        if (setup.Listen is null)
            return;
        var password = await PasswordAsync(PasswordFile(setup.Data), ct);
        // Hexadecimal digits only: the statement takes no parameters, and nothing in them needs quoting.
        await using var command = new NpgsqlCommand(
            $"""
            DO $$ BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{PostgresCluster.Auditor}') THEN
                    CREATE ROLE {PostgresCluster.Auditor};
                END IF;
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{AuditorViews.Role}') THEN
                    CREATE ROLE {AuditorViews.Role} NOLOGIN;
                END IF;
                IF to_regnamespace('public') IS NOT NULL THEN REVOKE CREATE ON SCHEMA public FROM PUBLIC; END IF;
            END $$;
            ALTER ROLE {PostgresCluster.Auditor} LOGIN NOSUPERUSER
                CONNECTION LIMIT {PostgresSettings.AuditorConnections} PASSWORD '{password}';
            ALTER ROLE {PostgresCluster.Auditor} SET default_transaction_read_only = on;
            REVOKE CREATE, TEMPORARY ON DATABASE catalog FROM PUBLIC;
            GRANT {AuditorViews.Role} TO {PostgresCluster.Auditor};
            REVOKE pg_read_all_data FROM {PostgresCluster.Auditor};
            """,
            connection);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static async Task<string> PasswordAsync(string path, CancellationToken ct)
    {
        if (File.Exists(path))
        {
            var kept = (await File.ReadAllTextAsync(path, ct)).Trim();
            if (kept.Length > 0 && kept.All(char.IsAsciiHexDigit))
                return kept;
        }

        var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(PasswordBytes));
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var file = new StreamWriter(path, options);
        await file.WriteLineAsync(password.AsMemory(), ct);
        return password;
    }
}
