namespace Catalog.Platform.Backups;

/// <summary>
/// What a backup is: a ZIP with one PostgreSQL binary COPY of each table (<c>tables/&lt;name&gt;.copy</c>), the inventory of the object
/// store (<c>objects.ndjson</c>), on request the objects themselves (<c>objects/&lt;key&gt;</c>), and last this description
/// (<c>backup.json</c>). An archive without the description is not whole.
/// </summary>
/// <param name="Format">Always <see cref="Current"/>.</param>
/// <param name="BackupId">Identifies the backup; a restored catalog remembers it.</param>
/// <param name="CatalogId">The catalog it was taken of.</param>
/// <param name="TakenAt">When.</param>
/// <param name="Position">Highest log position in it.</param>
/// <param name="EventSequence">Where the log's numbering goes on.</param>
/// <param name="Tables">Every table, with its columns in the order of the copy.</param>
/// <param name="Objects">Objects in the inventory.</param>
/// <param name="ObjectBytes">Their sizes together.</param>
/// <param name="ObjectsIncluded">Whether the archive holds the objects' bytes.</param>
public sealed record BackupDescription(
    string Format,
    Guid BackupId,
    Guid CatalogId,
    DateTimeOffset TakenAt,
    long Position,
    long EventSequence,
    IReadOnlyList<BackupTable> Tables,
    long Objects,
    long ObjectBytes,
    bool ObjectsIncluded)
{
    public const string Current = "catalog-backup/1";
    public const string EntryName = "backup.json";
    public const string InventoryName = "objects.ndjson";
    public const string TableFolder = "tables/";
    public const string ObjectFolder = "objects/";
}

/// <param name="Name">Of the table, without its schema.</param>
/// <param name="Columns">In the order of the copy.</param>
/// <param name="Bytes">Size of the copy.</param>
/// <param name="Sha256">Of the copy, lower-case hex.</param>
public sealed record BackupTable(string Name, IReadOnlyList<string> Columns, long Bytes, string Sha256);

/// <param name="Key">In the object store.</param>
/// <param name="Bytes">Size.</param>
public sealed record BackupObject(string Key, long Bytes);

/// <summary>The backup cannot be restored; the message says why and what to do.</summary>
public sealed class BackupException(string message, Exception? cause = null) : Exception(message, cause);
