using Catalog.Platform.Projections;
using Catalog.Platform.Store;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Catalog.Server.Hosting;

/// <summary>
/// Brings the database's schema up to date at start, once: servers that start together take turns. A stamp of the build that did it spares the next
/// start of the same build the comparison, which takes longer than the rest of a start.
/// </summary>
internal static class Database
{
    private static string Build { get; } = $"{typeof(CatalogStore).Module.ModuleVersionId:N}-{typeof(IDocumentStore).Module.ModuleVersionId:N}";

    /// <exception cref="HostingException">The database cannot be reached or does not let us in.</exception>
    public static async Task PrepareAsync(IServiceProvider services, CancellationToken ct)
    {
        var store = services.GetRequiredService<IDocumentStore>();
        try
        {
            await using var turn = store.Storage.Database.CreateConnection();
            await turn.OpenAsync(ct);
            await ExecuteAsync(turn, "select pg_advisory_lock(hashtextextended('catalog:schema', 0))", ct);
            if (!await IsStampedAsync(turn, ct))
            {
                await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync(JasperFx.AutoCreate.CreateOrUpdate);
                await KnownFacts.AnnounceAsync(turn, ct);
                await ExecuteAsync(turn, $"create table if not exists {CatalogStore.StampTable} (build text primary key); delete from {CatalogStore.StampTable}; insert into {CatalogStore.StampTable} values ('{Build}')", ct);
            }

            await ExecuteAsync(turn, "select pg_advisory_unlock(hashtextextended('catalog:schema', 0))", ct);
        }
        catch (NpgsqlException e)
        {
            throw new HostingException(
                "database.unreachable", $"The database does not answer or does not let the catalog in: {e.Message.TrimEnd('.')}. Check --database.", e);
        }
    }

    private static async Task<bool> IsStampedAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var known = new NpgsqlCommand($"select to_regclass('{CatalogStore.StampTable}') is not null and to_regclass('{CatalogStore.Schema}.mt_events') is not null", connection);
        if (await known.ExecuteScalarAsync(ct) is not true)
            return false;
        await using var stamp = new NpgsqlCommand($"select exists (select from {CatalogStore.StampTable} where build = '{Build}')", connection);
        return await stamp.ExecuteScalarAsync(ct) is true;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }
}
