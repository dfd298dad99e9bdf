using System.Buffers;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Catalog.Platform.Projections;
using Catalog.Platform.Store;
using Catalog.Storage.Objects;
using Marten;
using Npgsql;

namespace Catalog.Platform.Backups;

/// <summary>
/// Fills an empty catalog from a backup, and only if every byte is as it was when the backup was taken. Objects come first: they are named
/// by their content, so that putting them again is harmless. The tables follow in one transaction, which also leaves the
/// <see cref="RestorationMark"/>. Before that transaction the catalog is empty, after it everything is there; whatever was cut short can be
/// repeated.
/// </summary>
internal sealed class BackupReader(IDocumentStore store, IObjectStore objects)
{
    private const int BufferBytes = 256 * 1024;

    /// <returns>What was restored, and how many objects of its inventory are missing from the object store.</returns>
    /// <exception cref="BackupException">It is no whole backup, this catalog is not empty, or it was made by another release.</exception>
    public Task<(BackupDescription Backup, long MissingObjects)> RestoreAsync(string path, CancellationToken ct) =>
        ReadAsync(
            path,
            async (archive, description) =>
            {
                if (!await IsRestoredAsync(description, ct))
                    await FillAsync(archive, description, ct);
                return (description, await CountMissingAsync(archive, ct));
            },
            ct);

    /// <summary>
    /// Whether it is an archive that describes itself. To be asked before anything is made that would then be left empty.
    /// </summary>
    /// <exception cref="BackupException">It is not, or it cannot be read.</exception>
    public static Task CheckAsync(string path, CancellationToken ct) =>
        ReadAsync(path, (_, description) => Task.FromResult(description), ct);

    private static async Task<T> ReadAsync<T>(string path, Func<ZipArchive, BackupDescription, Task<T>> read, CancellationToken ct)
    {
        try
        {
            await using var archive = await ZipFile.OpenReadAsync(path, ct);
            return await read(archive, await DescribeAsync(archive, path, ct));
        }
        catch (InvalidDataException e)
        {
            throw new BackupException($"'{path}' is not a whole backup: {e.Message.TrimEnd('.')}.", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new BackupException($"'{path}' cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }

    /// <summary>Whether this backup's tables are here already, by a restore that was cut short before the catalog knew of it.</summary>
    private async Task<bool> IsRestoredAsync(BackupDescription description, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        if ((await RestorationMark.FindAsync(connection, ct))?.BackupId == description.BackupId)
            return true;
        await DemandEmptyAsync(connection, ct);
        return false;
    }

    private async Task FillAsync(ZipArchive archive, BackupDescription description, CancellationToken ct)
    {
        if (description.ObjectsIncluded)
            await RestoreObjectsAsync(archive, ct);
        var missing = await CountMissingAsync(archive, ct);
        var restored = new CatalogRestored(description.BackupId, description.Position, description.TakenAt, missing);
        await RestoreTablesAsync(archive, description, restored, ct);
    }

    /// <summary>Reads what a backup says of itself.</summary>
    public static async Task<BackupDescription> DescribeAsync(ZipArchive archive, string path, CancellationToken ct)
    {
        if (archive.GetEntry(BackupDescription.EntryName) is not { } entry)
            throw new BackupException($"'{path}' is not a whole backup: it has no {BackupDescription.EntryName}. Take it again.");
        await using var stream = await entry.OpenAsync(ct);
        var description = await JsonSerializer.DeserializeAsync<BackupDescription>(stream, JsonSerializerOptions.Web, ct);
        return description is { Format: BackupDescription.Current }
            ? description
            : throw new BackupException(
                $"'{path}' is a backup of format '{description?.Format}'; this release restores '{BackupDescription.Current}'.");
    }

    private async Task RestoreTablesAsync(ZipArchive archive, BackupDescription description, CatalogRestored restored, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await LockAsync(connection, ct);
        await DemandEmptyAsync(connection, ct);
        var known = (await BackupTables.ListAsync(connection, ct)).ToDictionary(t => t.Name, t => t.Columns, StringComparer.Ordinal);
        foreach (var table in await InOrderAsync(connection, description.Tables, ct))
        {
            if (!known.TryGetValue(table.Name, out var columns) || table.Columns.Except(columns, StringComparer.Ordinal).Any())
            {
                throw new BackupException(
                    $"The backup has a table '{table.Name}' that this release lays out differently: " +
                    "restore it with the release that made it.");
            }

            await RestoreTableAsync(archive, connection, table, ct);
        }

        await using (var sequence = new NpgsqlCommand($"select setval('{CatalogStore.Schema}.mt_events_sequence', $1)", connection))
        {
            sequence.Parameters.Add(new NpgsqlParameter<long> { TypedValue = description.EventSequence });
            await sequence.ExecuteNonQueryAsync(ct);
        }

        await KnownFacts.AnnounceStoredAsync(connection, ct);
        await RestorationMark.SetAsync(connection, restored, ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>Keeps another server that starts on the same empty database from beginning a catalog of its own meanwhile.</summary>
    private static async Task LockAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"lock table {CatalogStore.Schema}.mt_events in exclusive mode", connection);
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Tables that others refer to come first.</summary>
    private static async Task<IReadOnlyList<BackupTable>> InOrderAsync(
        NpgsqlConnection connection, IReadOnlyList<BackupTable> tables, CancellationToken ct)
    {
        var referred = (await BackupTables.ReferencesAsync(connection, ct)).ToLookup(r => r.From, r => r.To, StringComparer.Ordinal);
        var ordered = new List<BackupTable>(tables.Count);
        var left = tables.ToList();
        while (left.Count > 0)
        {
            var names = left.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
            var free = left.FindAll(t => !referred[t.Name].Any(to => to != t.Name && names.Contains(to)));
            if (free.Count == 0)
                throw new InvalidOperationException($"Tables refer to each other in a circle: {string.Join(", ", names)}.");
            ordered.AddRange(free);
            left.RemoveAll(free.Contains);
        }

        return ordered;
    }

    private static async Task DemandEmptyAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"select exists (select from {CatalogStore.Schema}.mt_events)", connection);
        if (await command.ExecuteScalarAsync(ct) is true)
            throw new BackupException("This catalog is not empty: restore into a new data folder (--data) or a new database (--database).");
    }

    private static async Task RestoreTableAsync(ZipArchive archive, NpgsqlConnection connection, BackupTable table, CancellationToken ct)
    {
        var entry = archive.GetEntry($"{BackupDescription.TableFolder}{table.Name}.copy")
            ?? throw new BackupException($"The backup is not whole: table '{table.Name}' is missing.");
        await using var from = await entry.OpenAsync(ct);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            await using var copy = await connection.BeginRawBinaryCopyAsync(
                $"copy {BackupTables.CopyTarget(table.Name, table.Columns)} from stdin (format binary)", ct);
            for (int read; (read = await from.ReadAsync(buffer, ct)) > 0;)
            {
                hash.AppendData(buffer, 0, read);
                await copy.WriteAsync(buffer.AsMemory(0, read), ct);
            }

            if (Convert.ToHexStringLower(hash.GetHashAndReset()) != table.Sha256)
            {
                await copy.CancelAsync();
                throw new BackupException($"The backup is damaged: table '{table.Name}' is not what was written.");
            }
        }
        catch (PostgresException e)
        {
            throw new BackupException($"The backup is damaged: PostgreSQL does not take table '{table.Name}' ({e.MessageText}).", e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task RestoreObjectsAsync(ZipArchive archive, CancellationToken ct)
    {
        foreach (var entry in archive.Entries.Where(e => e.FullName.StartsWith(BackupDescription.ObjectFolder, StringComparison.Ordinal)))
        {
            var key = entry.FullName[BackupDescription.ObjectFolder.Length..];
            await using var content = await entry.OpenAsync(ct);
            try
            {
                await objects.PutAsync(key, content, key[(key.LastIndexOf('/') + 1)..], ct);
            }
            catch (ObjectStoreException e) when (e.Error is ObjectStoreError.DigestMismatch or ObjectStoreError.InvalidKey)
            {
                throw new BackupException(
                    $"The backup is damaged: object '{key}' is not what was written. Take it again, or restore another.", e);
            }
            catch (ObjectStoreException e)
            {
                throw new BackupException(
                    $"Object '{key}' could not be put back ({e.Message.TrimEnd('.')}): see to that and restore again.", e);
            }
        }
    }

    private async Task<long> CountMissingAsync(ZipArchive archive, CancellationToken ct)
    {
        if (archive.GetEntry(BackupDescription.InventoryName) is not { } entry)
            return 0;
        await using var stream = await entry.OpenAsync(ct);
        using var lines = new StreamReader(stream);
        var missing = 0L;
        while (await lines.ReadLineAsync(ct) is { } line)
        {
            var listed = JsonSerializer.Deserialize<BackupObject>(line, JsonSerializerOptions.Web)
                ?? throw new BackupException("The backup's inventory is damaged.");
            if (await objects.HeadAsync(listed.Key, ct) is not { } found || found.Bytes != listed.Bytes)
                missing++;
        }

        return missing;
    }
}
