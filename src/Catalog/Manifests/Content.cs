using Catalog.Integrity;
using Catalog.Platform;
using Catalog.Schemas;
using Catalog.Storage.Files;

namespace Catalog.Manifests;

/// <summary>Files that were read: hashed, and for Parquet files their footers.</summary>
/// <param name="Files">In the order of their logical paths; each path once. With rows, where a footer was read.</param>
/// <param name="Stamps">What files in place were when they were hashed, by logical path.</param>
/// <param name="Claimed">Whether all of them were claimed to be Parquet, whatever they are called.</param>
/// <param name="Table">When every file is Parquet: what the footers say together, or why they are no table together.</param>
internal sealed record ReadFiles(
    IReadOnlyList<FileEntry> Files, IReadOnlyDictionary<string, FileStamp> Stamps, bool Claimed, Outcome<TableFacts>? Table);

/// <summary>What the footers of a table's files say together.</summary>
internal sealed record TableFacts(TableSchema Schema, IReadOnlyDictionary<string, ColumnStatistics> Statistics);

/// <summary>All that a version of a dataset or model is made of, ready to be decided on: no byte of it needs to be read again.</summary>
internal sealed record Content
{
    /// <summary>The one format whose files are looked into.</summary>
    public const string Parquet = "parquet";

    public required string ContentHash { get; init; }

    /// <summary>All chunks, in order.</summary>
    public required IReadOnlyList<ChunkRef> Chunks { get; init; }

    /// <summary>Chunks that the parent does not share, ready to be stored: that is done before writes wait for each other.</summary>
    public required IReadOnlyList<StoredChunk> NewChunks { get; init; }

    public required long Files { get; init; }

    public required long Bytes { get; init; }

    public long? Rows { get; init; }

    public string? Format { get; init; }

    public TableFacts? Table { get; init; }

    /// <summary>The version that files were added to; null when the files are the whole version.</summary>
    public long? PreparedOn { get; init; }

    /// <summary>What it was derived by; null for what was brought as it is.</summary>
    public string? Recipe { get; init; }

    /// <summary>SHA-256 of the recipe.</summary>
    public string? RecipeHash => Recipe is { } text ? Sha256.Hash(System.Text.Encoding.UTF8.GetBytes(text)) : null;

    public TableSchema? Schema => Table?.Schema;

    /// <summary>The manifest's root, once it is known where in history the version stands.</summary>
    public ManifestRoot RootOn(long? parent, Guid? run, string? message) => new(
        Schema, Chunks, Table?.Statistics ?? EmptyStatistics, parent, run?.ToString("D"), Format, message, Recipe);

    /// <summary>Cuts files, in order, into a version's content.</summary>
    /// <param name="files">In the order of their paths. Their rows together are a number that <see cref="long"/> can hold.</param>
    /// <param name="shared">Hashes of chunks that are stored already.</param>
    public static Content Of(IEnumerable<FileEntry> files, TableFacts? table, IReadOnlySet<string> shared, long? preparedOn)
    {
        using var hasher = new ContentHasher(table?.Schema);
        var chunks = new List<ChunkRef>();
        var fresh = new List<StoredChunk>();
        var hashes = new Queue<string>();
        foreach (var chunk in ManifestChunks.Split(files.Select(Seen)))
        {
            chunks.Add(chunk.Reference);
            List<string> ofChunk = [.. Enumerable.Range(0, chunk.Files).Select(_ => hashes.Dequeue())];
            if (!shared.Contains(chunk.Hash))
                fresh.Add(StoredChunk.Of(chunk, ofChunk));
        }

        return new Content
        {
            ContentHash = hasher.Finish(),
            Chunks = chunks,
            NewChunks = fresh,
            Files = chunks.Sum(c => (long)c.Files),
            Bytes = chunks.Sum(c => c.Bytes),
            Rows = table is null ? null : RowsOf(chunks),
            Format = table is null ? null : Parquet,
            Table = table,
            PreparedOn = preparedOn,
        };

        FileEntry Seen(FileEntry file)
        {
            hasher.Add(file);
            hashes.Enqueue(file.Sha256);
            return file;
        }
    }

    /// <summary>Rows of all chunks; null where a file's are not known.</summary>
    public static long? RowsOf(IEnumerable<ChunkRef> chunks) => chunks.Aggregate((long?)0, (sum, c) => checked(sum + c.Rows));

    private static IReadOnlyDictionary<string, ColumnStatistics> EmptyStatistics { get; } =
        new Dictionary<string, ColumnStatistics>(StringComparer.Ordinal);
}
