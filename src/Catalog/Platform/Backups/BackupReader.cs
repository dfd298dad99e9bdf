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

/// <summary>Fills an empty catalog from a backup: in one transaction, and only if every byte is as it was when the backup was taken.</summary>
internal sealed class BackupReader(IDocumentStore store, IObjectStore objects)
{
    private const int BufferBytes = 256 * 1024;

    /// <returns>What was restored, and how many objects of its inventory are missing from the object store.</returns>
    /// <exception cref="BackupException">It is no whole backup, this catalog is not empty, or it was made by another release.</exception>
    public async Task<(BackupDescription Backup, long MissingObjects)> RestoreAsync(string path, CancellationToken ct)
    {
        try
        {
            await using var archive = await ZipFile.OpenReadAsync(path, ct);
            var description = await DescribeAsync(archive, path, ct);
            await RestoreTablesAsync(archive, description, ct);
            if (description.ObjectsIncluded)
                await RestoreObjectsAsync(archive, ct);
            return (description, await CountMissingAsync(archive, ct));
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

    /// <summary>Reads what a backup says of itself.</summary>
    public static async Task<BackupDescription> DescribeAsync(ZipArchive archive, string path, CancellationToken ct)
    {
        if (archive.GetEntry(BackupDescription.EntryName) is not { } entry)
            throw new BackupException($"'{path}' is not a whole backup: it has no {BackupDescription.EntryName}. Take it again.");
        await using var stream = await entry.OpenAsync(ct);
        var description = await JsonSerializer.DeserializeAsync<BackupDescription>(stream, JsonSerializerOptions.Web, ct);
        return description is { Format: BackupDescription.Current }
            ? description
            : throw new BackupException($"'{path}' is a backup of format '{description?.Format}'; this release restores '{BackupDescription.Current}'.");
    }

    private async Task RestoreTablesAsync(ZipArchive archive, BackupDescription description, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await DemandEmptyAsync(connection, ct);
        var known = (await BackupTables.ListAsync(connection, ct)).ToDictionary(t => t.Name, t => t.Columns, StringComparer.Ordinal);
        foreach (var table in await InOrderAsync(connection, description.Tables, ct))
        {
            if (!known.TryGetValue(table.Name, out var columns) || table.Columns.Except(columns, StringComparer.Ordinal).Any())
                throw new BackupException($"The backup has a table '{table.Name}' that this release lays out differently: restore it with the release that made it.");
            await RestoreTableAsync(archive, connection, table, ct);
        }

        await using (var sequence = new NpgsqlCommand($"select setval('{CatalogStore.Schema}.mt_events_sequence', $1)", connection))
        {
            sequence.Parameters.Add(new NpgsqlParameter<long> { TypedValue = description.EventSequence });
            await sequence.ExecuteNonQueryAsync(ct);
        }

        await KnownFacts.AnnounceStoredAsync(connection, ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>Tables that others refer to come first.</summary>
    private static async Task<IReadOnlyList<BackupTable>> InOrderAsync(NpgsqlConnection connection, IReadOnlyList<BackupTable> tables, CancellationToken ct)
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
            await using var copy = await connection.BeginRawBinaryCopyAsync($"copy {BackupTables.CopyTarget(table.Name, table.Columns)} from stdin (format binary)", ct);
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
            await objects.PutAsync(key, content, key[(key.LastIndexOf('/') + 1)..], ct);
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
            var listed = JsonSerializer.Deserialize<BackupObject>(line, JsonSerializerOptions.Web) ?? throw new BackupException("The backup's inventory is damaged.");
            if (await objects.HeadAsync(listed.Key, ct) is not { } found || found.Bytes != listed.Bytes)
                missing++;
        }

        return missing;
    }
}
