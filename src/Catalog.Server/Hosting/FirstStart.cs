using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Backups;
using Catalog.Platform.Writes;
using Marten;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Server.Hosting;

/// <summary>
/// The first start of a catalog writes its first fact and issues the admin key, in one transaction; the first start after a restore writes
/// that it was restored, so that whoever saw later positions elsewhere can tell that they are not of this history, and issues one, too. The
/// key is on disk before it is in the log, so a crash in between leaves either nothing or a key that opens.
/// </summary>
internal static class FirstStart
{
    public static async Task RunAsync(IServiceProvider services, DataFolder data, bool newAdminKey, CancellationToken ct)
    {
        await using var connection = services.GetRequiredService<IDocumentStore>().Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        var restored = await RestorationMark.FindAsync(connection, ct);
        await WriteAsync(services, data, restored, newAdminKey, ct);
        if (restored is not null)
            await RestorationMark.RemoveAsync(connection, ct);
    }

    private static async Task WriteAsync(
        IServiceProvider services, DataFolder data, CatalogRestored? restored, bool newAdminKey, CancellationToken ct)
    {
        await using var scope = services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<Caller>().Become(Identity.Server);
        var files = new AdminKeyFile(data);
        await files.SettleAsync(services.GetRequiredService<KeyRing>(), ct);

        var key = KeyText.Create();
        var created = new CatalogCreated(Guid.CreateVersion7());
        var issued = new KeyIssued(key.KeyId, Identity.Administrator, Role.Admin, key.SecretHash, ExpiresAt: null);
        var gate = scope.ServiceProvider.GetRequiredService<Gate>();
        if ((gate.Ask(Act.ManageKeys, resource: null).Refusal ?? gate.Ask(Act.Backup, resource: null).Refusal) is { } no)
            throw new InvalidOperationException(no.Detail);

        files.Prepare(key);
        var writes = scope.ServiceProvider.GetRequiredService<WritePath>();
        var written = await writes.DecideAsync<CatalogState, ApiKey>(
            CatalogState.Stream,
            ApiKey.StreamId(key.KeyId),
            (catalog, _) => Decide(catalog, created, restored, issued, newAdminKey),
            ct,
            (rows, _) => rows.Add(KeyLabels.Table, key.KeyId, "admin"));
        if (written.Decision is Decision.Accepted)
            files.Keep();
        else
            files.Drop();
    }

    internal static Decision Decide(
        CatalogState? catalog, CatalogCreated created, CatalogRestored? restored, KeyIssued issued, bool newAdminKey) =>
        catalog switch
        {
            null => Decision.Accept(created, issued),
            _ when restored is not null && !catalog.RestoredFrom.Contains(restored.BackupId) => Decision.Accept(restored, issued),
            _ when newAdminKey => Decision.Accept(issued),
            _ => Decision.Unchanged,
        };
}

/// <summary>The admin key's file: <c>keys/admin.key</c>, for its owner's eyes only.</summary>
internal sealed class AdminKeyFile(DataFolder data)
{
    private string Kept => Path.Combine(data.Keys, "admin.key");

    private string Pending => Path.Combine(data.Keys, "admin.key.pending");

    /// <summary>A key that was prepared when the process died: kept if the catalog knows it.</summary>
    public async Task SettleAsync(KeyRing ring, CancellationToken ct)
    {
        if (!File.Exists(Pending))
            return;
        if ((await ring.FindAsync((await File.ReadAllTextAsync(Pending, ct)).Trim(), ct)).Succeeded)
            Keep();
        else
            Drop();
    }

    public void Prepare(KeyText key)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(Pending, options);
        file.Write(System.Text.Encoding.ASCII.GetBytes(key.ToString() + "\n"));
        file.Flush(flushToDisk: true);
        Sync();
    }

    public void Keep()
    {
        File.Move(Pending, Kept, overwrite: true);
        Sync();
    }

    public void Drop() => File.Delete(Pending);

    private void Sync()
    {
        if (!OperatingSystem.IsWindows())
            Posix.SyncFolder(data.Keys);
    }
}
