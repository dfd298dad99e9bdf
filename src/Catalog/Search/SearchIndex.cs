using System.Globalization;
using Catalog.Lineage.Reported;
using Catalog.Platform;
using Marten;
using Npgsql;

namespace Catalog.Search;

/// <summary>How well a thing fits. The better are listed first, whatever else their score.</summary>
internal enum SearchTier
{
    /// <summary>It is called so.</summary>
    Exact,

    /// <summary>Its name holds the words.</summary>
    Name,

    /// <summary>Its name, columns, tags, namespace, owners and descriptions hold the words.</summary>
    Words,

    /// <summary>They hold the words, or others that were perhaps meant.</summary>
    Near,
}

/// <summary>A thing that fits.</summary>
/// <param name="Node">The thing.</param>
/// <param name="Score">Within the tier, from 0 to 1.</param>
/// <param name="Tier">How it fits.</param>
/// <param name="Entry">What is known of it.</param>
/// <param name="Near">Words that stood for others.</param>
internal sealed record SearchHit(
    string Node, double Score, SearchTier Tier, SearchEntry Entry, IReadOnlyDictionary<string, IReadOnlyList<string>> Near);

/// <summary>Where a page of answers ended.</summary>
internal sealed record SearchCursor(SearchTier Tier, double Score, string Node)
{
    public static SearchCursor Of(SearchHit hit) => new(hit.Tier, hit.Score, hit.Node);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(int)Tier} {Score:R} {Node}");

    /// <exception cref="Platform.Http.ProblemException">The text is the cursor of another list.</exception>
    public static SearchCursor? Read(string? text) => text?.Split(' ', 3) switch
    {
        null => null,
        [[>= '0' and <= '3' and var tier], var number, var node]
            when double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var score) =>
            new SearchCursor((SearchTier)(tier - '0'), score, node),
        _ => throw new Platform.Http.ProblemException(
            Problem.Field("cursor.invalid", "after", "'after' must be the 'next' of an earlier page of this search.")),
    };
}

/// <summary>Finds what fits, tier by tier: a later one is looked at where the earlier did not fill the page.</summary>
internal sealed class SearchIndex(IDocumentStore store)
{
    /// <summary>No search may hold the database longer than so many milliseconds with one tier.</summary>
    private const int Patience = 2_000;

    /// <summary>Through the indexes and in the order of the table, so that what is cut off is the same on every page.</summary>
    public static readonly string Settings =
        $"set local statement_timeout = {Patience}; set local enable_seqscan = off; set local max_parallel_workers_per_gather = 0";

    private static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> s_noneNear = new Dictionary<string, IReadOnlyList<string>>();

    /// <exception cref="Platform.Http.ProblemException">Too much fits to be ranked in time.</exception>
    public async Task<IReadOnlyList<SearchHit>> FindAsync(SearchQuestion question, SearchCursor? after, int count, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        try
        {
            return await FindAsync(connection, question, after, count, ct);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.QueryCanceled && !ct.IsCancellationRequested)
        {
            throw new Platform.Http.ProblemException(Problem.Of(
                "search.too_broad",
                "So much holds these words that it could not be ranked in time. Add a word, or say which kind, namespace, tag or owner."));
        }
    }

    private static async Task<IReadOnlyList<SearchHit>> FindAsync(
        NpgsqlConnection connection, SearchQuestion question, SearchCursor? after, int count, CancellationToken ct)
    {
        await using (var settings = new NpgsqlCommand(Settings, connection))
            await settings.ExecuteNonQueryAsync(ct);
        var hits = new List<SearchHit>();
        for (var tier = after?.Tier ?? SearchTier.Exact; tier <= SearchTier.Near && hits.Count < count; tier++)
        {
            var near = tier is SearchTier.Near ? await NearAsync(connection, question, ct) : s_noneNear;
            if (tier is not SearchTier.Exact && question.Words.Count == 0 || (tier is SearchTier.Near && near.Count == 0))
                continue;
            await using var command = new SearchStatement(question, tier, near)
                .ToCommand(connection, after?.Tier == tier ? after : null, count - hits.Count);
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
                hits.Add(Read(reader, tier, near));
        }

        return hits;
    }

    private static async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> NearAsync(
        NpgsqlConnection connection, SearchQuestion question, CancellationToken ct) =>
        await Trigrams.FindSchemaAsync(connection, ct) is { } schema
            ? await Spelling.NearAsync(connection, schema, question.Words, ct)
            : s_noneNear;

    private static SearchHit Read(NpgsqlDataReader row, SearchTier tier, IReadOnlyDictionary<string, IReadOnlyList<string>> near)
    {
        var node = row.GetString(0);
        var entry = row.IsDBNull(1)
            ? SearchEntry.Of(NodeId.Parse(node)) with { Namespace = row.GetString(2) }
            : SearchTables.Read(row.GetString(1));
        return new SearchHit(node, row.GetDouble(3), tier, entry, near);
    }
}
