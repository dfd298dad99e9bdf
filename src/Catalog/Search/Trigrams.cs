using Npgsql;

namespace Catalog.Search;

/// <summary>
/// The extension <c>pg_trgm</c>, which finds words that look alike. PostgreSQL brings it along and lets the owner of a database make it,
/// but not every installation has all it brings along: without it, mistyped words find nothing, and all else is found.
/// </summary>
internal static class Trigrams
{
    /// <summary>Makes the extension and its index where they are missing and can be made.</summary>
    /// <returns>Null where they are there; else why not, as PostgreSQL says it.</returns>
    public static async Task<string?> EnsureAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        try
        {
            if (await FindSchemaAsync(connection, ct) is null)
                await MakeAsync(connection, ct);
            if (await FindSchemaAsync(connection, ct) is not { } schema)
                return "it is there, but closed to this user";
            await RunAsync(
                connection,
                $"create index if not exists {SearchTables.TrigramIndex} on {SearchTables.Words} using gin (word {schema}.gin_trgm_ops)",
                ct);
            return null;
        }
        catch (PostgresException e) when (IsMissing(e))
        {
            return e.MessageText;
        }
    }

    /// <summary>The schema that the extension is in, quoted; null where there is none that we may use.</summary>
    public static async Task<string?> FindSchemaAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            """
            select quote_ident(n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace
            join pg_proc p on p.pronamespace = n.oid and p.proname = 'similarity_op'
            where e.extname = 'pg_trgm' and has_schema_privilege(n.oid, 'usage') and has_function_privilege(p.oid, 'execute')
            """,
            connection);
        return await command.ExecuteScalarAsync(ct) as string;
    }

    /// <summary>By default PostgreSQL lets everybody call every function; auditors are to read views only.</summary>
    private static Task MakeAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        const string Schema = Platform.Store.CatalogStore.Schema;
        return RunAsync(
            connection,
            $"create extension if not exists pg_trgm schema {Schema}; revoke execute on all functions in schema {Schema} from public",
            ct);
    }

    /// <summary>Its files are not installed, or we may not make it: neither is a reason not to start.</summary>
    private static bool IsMissing(PostgresException e) => e.SqlState is PostgresErrorCodes.FeatureNotSupported
        or PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.UndefinedFile or PostgresErrorCodes.UndefinedObject
        or PostgresErrorCodes.InvalidSchemaName or PostgresErrorCodes.DuplicateObject;

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(ct);
    }
}
