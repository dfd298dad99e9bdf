using System.Collections.ObjectModel;
using Catalog.Auditing;
using Catalog.Lineage.Tables;
using Catalog.Platform.Projections;
using Catalog.Platform.Store;
using Catalog.Search;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Catalog.Server.Hosting;

/// <summary>
/// Brings the database's schema up to date at start, once: servers that start together take turns. A stamp of the build that did it spares
/// the next start of the same build the comparison, which takes longer than the rest of a start.
/// </summary>
internal static class Database
{
    private const string Turn = "hashtextextended('catalog:schema', 0)";

    private static string Build { get; } =
        $"{typeof(CatalogStore).Module.ModuleVersionId:N}-{typeof(IDocumentStore).Module.ModuleVersionId:N}";

    /// <exception cref="HostingException">The database does not answer, does not let us in, or keeps an old schema.</exception>
    public static async Task PrepareAsync(IServiceProvider services, ILogger logger, CancellationToken ct)
    {
        var store = services.GetRequiredService<IDocumentStore>();
        await using var connection = store.Storage.Database.CreateConnection();
        await OpenAsync(connection, ct);
        try
        {
            await TakeTurnAsync(connection, logger, ct);
            if (!await IsStampedAsync(connection, ct))
            {
                var detached = await ChangeTablesAsync(store, connection, ct);
                await ShowAuditorsAsync(connection, detached, logger, ct);
                await KnownFacts.AnnounceAsync(connection, ct);
                await StampAsync(connection, ct);
            }

            // At every start, for whoever installed it meanwhile.
            if (await Trigrams.EnsureAsync(connection, ct) is { } missing)
                logger.NoTrigrams(missing);
            await ExecuteAsync(connection, $"select pg_advisory_unlock({Turn})", ct);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new HostingException(
                HostingException.DatabaseSchemaFailed,
                $"The database's schema could not be brought up to date: {Reason(e)}. Check that the user may make and change the schema "
                + $"'{CatalogStore.Schema}', then start again.",
                e);
        }
    }

    /// <returns>The views that had to let go of the tables first, and what they showed.</returns>
    private static async Task<IReadOnlyDictionary<string, string>> ChangeTablesAsync(
        IDocumentStore store, NpgsqlConnection connection, CancellationToken ct)
    {
        try
        {
            await ChangeAsync();
            return ReadOnlyDictionary<string, string>.Empty;
        }
        catch (Exception e) when (AuditorViews.AreInTheWay(e))
        {
            var detached = await AuditorViews.DetachAsync(connection, ct);
            await ChangeAsync();
            return detached;
        }

        async Task ChangeAsync()
        {
            await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync(JasperFx.AutoCreate.CreateOrUpdate);
            await LineageTables.ApplyAsync(connection, ct);
            await SightTable.ApplyAsync(connection, ct);
            await Forgetting.EnsureAsync(connection, ct);
        }
    }

    private static async Task ShowAuditorsAsync(
        NpgsqlConnection connection, IReadOnlyDictionary<string, string> detached, ILogger logger, CancellationToken ct)
    {
        foreach (var view in await AuditorViews.CreateAsync(connection, detached, ct))
            logger.AuditorViewOutdated(view.Name, string.Join(", ", view.BuiltOn));
        if (!await AuditorViews.OpenAsync(connection, ct))
            logger.AuditorRoleMissing(AuditorViews.Role);
    }

    private static async Task OpenAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        try
        {
            await connection.OpenAsync(ct);
        }
        catch (Exception e) when (e is NpgsqlException or ArgumentException or InvalidOperationException)
        {
            throw new HostingException(
                HostingException.DatabaseUnreachable,
                $"The database does not answer or does not let the catalog in: {Reason(e)}. Check --database.",
                e);
        }
    }

    /// <summary>Waits as long as it takes: another server may be making an index on a large log.</summary>
    private static async Task TakeTurnAsync(NpgsqlConnection connection, ILogger logger, CancellationToken ct)
    {
        await using var attempt = new NpgsqlCommand($"select pg_try_advisory_lock({Turn})", connection);
        if (await attempt.ExecuteScalarAsync(ct) is true)
            return;
        logger.WaitingForSchema();
        await using var wait = new NpgsqlCommand($"select pg_advisory_lock({Turn})", connection) { CommandTimeout = 0 };
        await wait.ExecuteNonQueryAsync(ct);
    }

    private static async Task<bool> IsStampedAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var known = new NpgsqlCommand(
            $"select to_regclass('{CatalogStore.StampTable}') is not null and to_regclass('{CatalogStore.Schema}.mt_events') is not null",
            connection);
        if (await known.ExecuteScalarAsync(ct) is not true)
            return false;
        await using var stamp =
            new NpgsqlCommand($"select exists (select from {CatalogStore.StampTable} where build = '{Build}')", connection);
        return await stamp.ExecuteScalarAsync(ct) is true;
    }

    private static Task StampAsync(NpgsqlConnection connection, CancellationToken ct) => ExecuteAsync(
        connection,
        $"""
        create table if not exists {CatalogStore.StampTable} (build text primary key);
        delete from {CatalogStore.StampTable};
        insert into {CatalogStore.StampTable} values ('{Build}')
        """,
        ct);

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static string Reason(Exception e)
    {
        var message = e.GetBaseException() is PostgresException told ? told.MessageText : e.Message;
        return message.Split('\n')[0].TrimEnd('.');
    }
}
