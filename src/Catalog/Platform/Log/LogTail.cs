using Catalog.Platform.Store;
using Marten;
using Npgsql;
using NpgsqlTypes;

namespace Catalog.Platform.Log;

/// <summary>
/// Reads the log in the order of its positions and never past a number that may still come. Numbers are given out before they are
/// committed, and a writer that loses a race leaves a hole for good: a missing number is dead once every transaction that ran when it was
/// missed has ended.
/// </summary>
/// <param name="store">Where the log is.</param>
/// <param name="types">Stored names of the facts wanted; the data of others is not read. Null for all.</param>
/// <param name="mostFacts">Facts read at a time.</param>
/// <param name="mostBytes">Of their data, roughly: what is over it is left for the next time.</param>
internal sealed class LogTail(
    IDocumentStore store, IReadOnlyCollection<string>? types, int mostFacts = 5_000, long mostBytes = 64 * 1024 * 1024)
{
    private const int RememberedHoles = 10_000;

    private const string Snapshot =
        "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint";

    private const string Columns =
        "seq_id, id, stream_id, version, type, timestamp, user_name, case when $2::text[] is null or type = any($2) then data end";

    private const string Following = $"select {Columns} from {CatalogStore.Schema}.mt_events where seq_id > $1 order by seq_id limit $3";

    private const string AtPositions = $"select {Columns} from {CatalogStore.Schema}.mt_events where seq_id = any($1) order by seq_id";

    private readonly string[]? _types = types is null ? null : [.. types];
    private readonly int _mostFacts = mostFacts;
    private readonly HashSet<long> _holes = [];
    private Doubt? _doubt;

    /// <summary>Facts to ask for next: fewer while they are large, so that little is read in vain.</summary>
    private int _ask = mostFacts;

    /// <summary>Everything up to here was given out, and nothing is expected to be added to it.</summary>
    public long Position { get; private set; }

    /// <summary>Whether there is more to read at once.</summary>
    public bool HasMore { get; private set; }

    /// <summary>Whether there are facts behind a missing number that may still come.</summary>
    public bool IsInDoubt => _doubt is not null;

    /// <summary>Numbers that were held for dead: <see cref="ReadLateAsync"/> looks whether they are.</summary>
    public IReadOnlyCollection<long> Holes => _holes;

    /// <summary>Begins behind a position, and remembers which numbers before it were held for dead.</summary>
    public void StartAt(long position, IEnumerable<long>? holes = null)
    {
        (Position, _doubt) = (position, null);
        _holes.Clear();
        _holes.UnionWith(holes ?? []);
    }

    /// <summary>The facts that follow, as far as they are certain; none when there is nothing new.</summary>
    public async Task<IReadOnlyList<LogEntry>> ReadAsync(CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Snapshot));
        var following = Query(Following, new NpgsqlParameter<long> { TypedValue = Position }, _types);
        following.Parameters.Add(new NpgsqlParameter<int> { TypedValue = _ask });
        batch.BatchCommands.Add(following);

        // The snapshot comes first: what ended by then shows in what is read after it.
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var (oldestRunning, next) = (reader.GetInt64(0), reader.GetInt64(1));
        await reader.NextResultAsync(ct);
        var (found, isCut) = await ReadSomeAsync(reader, mostBytes, ct);
        HasMore = isCut || found.Count >= _ask;
        _ask = isCut ? found.Count : Math.Min(_ask * 2, _mostFacts);
        return TakeCertain(found, oldestRunning, next);
    }

    /// <summary>
    /// Facts under numbers that were held for dead, and came after all: a writer was stopped, by its system, between taking a number and
    /// being seen to run. To be asked now and then; better late than never.
    /// </summary>
    public async Task<IReadOnlyList<LogEntry>> ReadLateAsync(CancellationToken ct)
    {
        if (_holes.Count == 0)
            return [];
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        var found = await ReadAtAsync(connection, [.. _holes], ct, _types);
        _holes.ExceptWith(found.Select(f => f.Position));
        if (_holes.Count > RememberedHoles)
            _holes.ExceptWith(_holes.Order().Take(_holes.Count - RememberedHoles).ToList());
        return found;
    }

    /// <summary>The facts at some positions.</summary>
    public static async Task<IReadOnlyList<LogEntry>> ReadAtAsync(
        NpgsqlConnection connection, IReadOnlyList<long> positions, CancellationToken ct, string[]? types = null)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Query(AtPositions, new NpgsqlParameter<long[]> { TypedValue = [.. positions] }, types));
        await using var reader = await batch.ExecuteReaderAsync(ct);
        return (await ReadSomeAsync(reader, long.MaxValue, ct)).Found;
    }

    private static NpgsqlBatchCommand Query(string sql, NpgsqlParameter where, string[]? types)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(where);
        command.Parameters.Add(
            new NpgsqlParameter { Value = (object?)types ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        return command;
    }

    private List<LogEntry> TakeCertain(List<LogEntry> found, long oldestRunning, long next)
    {
        var certain = new List<LogEntry>(found.Count);
        foreach (var entry in found)
        {
            if (entry.Position > Position + 1 && !AreDead(Position + 1, entry.Position - 1, oldestRunning, next))
            {
                HasMore = false;
                break;
            }

            Position = entry.Position;
            certain.Add(entry);
        }

        return certain;
    }

    /// <summary>Whether nobody can commit these numbers any more.</summary>
    private bool AreDead(long first, long last, long oldestRunning, long next)
    {
        if (_doubt is null || _doubt.First != first)
        {
            _doubt = new Doubt(first, Horizon: null);
            return false;
        }

        // The horizon is drawn at the second look: between taking a number and getting a transaction id a writer is for some microseconds
        // invisible.
        if (_doubt.Horizon is null)
            _doubt = _doubt with { Horizon = next };
        if (oldestRunning < _doubt.Horizon)
            return false;

        _doubt = null;
        for (var hole = Math.Max(first, last - RememberedHoles); hole <= last; hole++)
            _holes.Add(hole);
        return true;
    }

    private static async Task<(List<LogEntry> Found, bool IsCut)> ReadSomeAsync(
        NpgsqlDataReader reader, long mostBytes, CancellationToken ct)
    {
        var (found, bytes) = (new List<LogEntry>(), 0L);
        while (await reader.ReadAsync(ct))
        {
            if (bytes > mostBytes)
                return (found, IsCut: true);
            var data = await reader.IsDBNullAsync(7, ct) ? [] : reader.GetFieldValue<byte[]>(7);
            bytes += data.Length;
            found.Add(new LogEntry(
                reader.GetInt64(0), reader.GetGuid(1), reader.GetString(2), reader.GetInt64(3), reader.GetString(4),
                reader.GetFieldValue<DateTimeOffset>(5), await reader.IsDBNullAsync(6, ct) ? null : reader.GetString(6), data));
        }

        return (found, IsCut: false);
    }

    /// <param name="First">The first number that is missing.</param>
    /// <param name="Horizon">The transaction id that came next when it was missed; null until the second look.</param>
    private sealed record Doubt(long First, long? Horizon);
}
