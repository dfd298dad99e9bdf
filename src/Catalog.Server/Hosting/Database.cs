using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Catalog.Server.Hosting;

/// <summary>Brings the database's schema up to date at start, once: servers that start together take turns.</summary>
internal static class Database
{
    /// <exception cref="HostingException">The database cannot be reached or does not let us in.</exception>
    public static async Task PrepareAsync(IServiceProvider services, CancellationToken ct)
    {
        var store = services.GetRequiredService<IDocumentStore>();
        try
        {
            await using var turn = store.Storage.Database.CreateConnection();
            await turn.OpenAsync(ct);
            await using (var take = new NpgsqlCommand("select pg_advisory_lock(hashtextextended('catalog:schema', 0))", turn))
                await take.ExecuteNonQueryAsync(ct);
            await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync(JasperFx.AutoCreate.CreateOrUpdate);
            await using var release = new NpgsqlCommand("select pg_advisory_unlock(hashtextextended('catalog:schema', 0))", turn);
            await release.ExecuteNonQueryAsync(ct);
        }
        catch (NpgsqlException e)
        {
            throw new HostingException(
                "database.unreachable", $"The database does not answer or does not let the catalog in: {e.Message.TrimEnd('.')}. Check --database.", e);
        }
    }
}
