using Catalog.Hot;
using StackExchange.Redis;

namespace Catalog.Storage.Hot.Redis;

/// <summary>Redis, or what speaks its protocol, does not answer as it should.</summary>
public sealed class RedisStoreException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Generations in Redis or Valkey, one server or a cluster. The range of hashes is divided into parts of about four rows; each part is a
/// value, <c>catalog:&lt;generation&gt;:&lt;part&gt;</c>, also where it has no row. So a value that is there tells for sure which keys have
/// no row, and one that is not there was lost: evicted, flushed, or gone with a server of the cluster. How many parts there are stands in
/// <c>catalog:&lt;generation&gt;</c>, written last.
/// </summary>
public sealed class RedisGenerations : IAsyncDisposable
{
    private const string Register = "catalog:generations";
    private const int RowsPerPart = 4;
    private const int Window = 1_000;
    private static readonly byte[] Padding = new byte[8];
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(30);

    private readonly ConnectionMultiplexer _connection;
    private readonly IDatabase _redis;

    private RedisGenerations(ConnectionMultiplexer connection) =>
        (_connection, _redis) = (connection, connection.GetDatabase());

    /// <summary>Reads a connection string: <c>host:port,password=…,ssl=true</c>, several hosts of a cluster one after the other.</summary>
    /// <exception cref="FormatException">It is none. The message does not hold it, because a password may be in it.</exception>
    public static void Demand(string connectionString) => Read(connectionString);

    /// <summary>Connects; where nobody answers, goes on trying for as long as it lives.</summary>
    /// <exception cref="FormatException">It is no connection string.</exception>
    public static async Task<RedisGenerations> ConnectAsync(string connectionString) =>
        new(await ConnectionMultiplexer.ConnectAsync(Read(connectionString)));

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    /// <summary>How many parts a generation has; null where it is not there, or not whole.</summary>
    /// <exception cref="RedisStoreException">Redis does not answer.</exception>
    public Task<long?> PartsOfAsync(Guid generation, CancellationToken ct) =>
        AskAsync(async () => (long?)await _redis.StringGetAsync(Marker(generation)).WaitAsync(ct));

    /// <summary>Finds the rows of keys.</summary>
    /// <param name="generation">Of the view that the keys are of.</param>
    /// <param name="parts">That it has.</param>
    /// <param name="keys">Any number.</param>
    /// <param name="layout">Of its rows.</param>
    /// <param name="shelf">Where rows are kept that were found.</param>
    /// <param name="rows">By key, the address of its row; 0 where there is none.</param>
    /// <param name="ct">Gives up waiting.</param>
    /// <returns>False where a part that was needed is not there any more.</returns>
    /// <exception cref="RedisStoreException">Redis does not answer.</exception>
    /// <exception cref="GenerationException">What is there are no rows of this layout.</exception>
    public async Task<bool> FindAsync(
        Guid generation, long parts, KeyBatch keys, RowLayout layout, RowShelf shelf, Memory<nint> rows, CancellationToken ct)
    {
        rows.Span.Clear();
        var asked = Enumerable.Range(0, keys.Count).Where(i => !keys.IsMissing(i)).ToArray();
        var values = await AskAsync(() => Task.WhenAll(asked.Select(
            i => _redis.StringGetAsync(Part(generation, Generation.BucketOf(keys.Words[i], parts))))).WaitAsync(ct));
        for (var n = 0; n < asked.Length; n++)
        {
            if (values[n].IsNull)
                return false;
            var run = ((ReadOnlyMemory<byte>)values[n]).Span;
            rows.Span[asked[n]] = RowRun.Find(run, keys, asked[n], layout, shelf);
        }

        return true;
    }

    /// <summary>Writes a generation, unless it is there, or another process is at it.</summary>
    /// <returns>Whether it is there now.</returns>
    /// <exception cref="RedisStoreException">Redis does not answer, or takes no more.</exception>
    public Task<bool> PublishAsync(Guid id, Generation rows, DateTimeOffset now, CancellationToken ct) => AskAsync(async () =>
    {
        if (await _redis.KeyExistsAsync(Marker(id)).WaitAsync(ct))
            return true;
        var turn = new RedisKey($"catalog:{id:N}:turn");
        if (!await _redis.StringSetAsync(turn, "1", Turn, When.NotExists).WaitAsync(ct))
            return false;
        await _redis.SortedSetAddAsync(Register, id.ToString("N"), now.ToUnixTimeSeconds()).WaitAsync(ct);
        var parts = Math.Max(1, rows.Rows / RowsPerPart);
        await _redis.StringSetAsync(Extent(id), parts).WaitAsync(ct);
        foreach (var window in PartsOf(rows, parts).Chunk(Window))
        {
            await Task.WhenAll(window.Select(p => _redis.StringSetAsync(Part(id, p.Number), p.Rows))).WaitAsync(ct);
            await _redis.KeyExpireAsync(turn, Turn).WaitAsync(ct);
        }

        await _redis.StringSetAsync(Marker(id), parts).WaitAsync(ct);
        await _redis.KeyDeleteAsync(turn).WaitAsync(ct);
        return true;
    });

    /// <summary>Says that a generation is not whole, so that it is written again.</summary>
    /// <exception cref="RedisStoreException">Redis does not answer.</exception>
    public Task LostAsync(Guid generation, CancellationToken ct) =>
        AskAsync(async () => await _redis.KeyDeleteAsync(Marker(generation)).WaitAsync(ct));

    /// <summary>Says that generations are wanted still.</summary>
    /// <exception cref="RedisStoreException">Redis does not answer.</exception>
    public Task WantAsync(IReadOnlyCollection<Guid> generations, DateTimeOffset now, CancellationToken ct) => AskAsync(
        async () => await _redis.SortedSetAddAsync(
            Register, [.. generations.Select(g => new SortedSetEntry(g.ToString("N"), now.ToUnixTimeSeconds()))]).WaitAsync(ct));

    /// <summary>Removes what no catalog has wanted since a moment.</summary>
    /// <exception cref="RedisStoreException">Redis does not answer.</exception>
    public Task RemoveUnwantedAsync(DateTimeOffset since, CancellationToken ct) => AskAsync(async () =>
    {
        foreach (var member in await _redis.SortedSetRangeByScoreAsync(Register, stop: since.ToUnixTimeSeconds()).WaitAsync(ct))
        {
            if (Guid.TryParseExact(member.ToString(), "N", out var id))
                await RemoveAsync(id, ct);
            await _redis.SortedSetRemoveAsync(Register, member).WaitAsync(ct);
        }

        return true;
    });

    /// <summary>How many parts there may be goes last, so that who goes on after a failure knows it.</summary>
    private async Task RemoveAsync(Guid id, CancellationToken ct)
    {
        var parts = (long?)await _redis.StringGetAsync(Extent(id)).WaitAsync(ct) ?? 0;
        await _redis.KeyDeleteAsync(Marker(id)).WaitAsync(ct);
        for (var from = 0L; from < parts; from += Window)
        {
            var window = Enumerable.Range(0, (int)Math.Min(Window, parts - from)).Select(i => Part(id, from + i));
            await Task.WhenAll(window.Select(k => _redis.KeyDeleteAsync(k))).WaitAsync(ct);
        }

        await _redis.KeyDeleteAsync(Extent(id)).WaitAsync(ct);
    }

    /// <summary>All parts in order, with those that have no row.</summary>
    private static IEnumerable<(long Number, byte[] Rows)> PartsOf(Generation generation, long parts)
    {
        using var run = new MemoryStream();
        var part = 0L;
        foreach (var address in generation.All())
        {
            var row = new HotRow(address);
            for (var next = Generation.BucketOf(row.Key, parts); part < next; part++)
            {
                yield return (part, run.ToArray());
                run.SetLength(0);
            }

            run.Write(row.Bytes);
            run.Write(Padding.AsSpan(0, -row.Length & 7));
        }

        for (; part < parts; part++)
        {
            yield return (part, run.ToArray());
            run.SetLength(0);
        }
    }

    private static RedisKey Marker(Guid generation) => $"catalog:{generation:N}";

    /// <summary>How many parts there may be, of a generation that is being written, too.</summary>
    private static RedisKey Extent(Guid generation) => $"catalog:{generation:N}:parts";

    private static RedisKey Part(Guid generation, long part) => $"catalog:{generation:N}:{part}";

    private static ConfigurationOptions Read(string connectionString)
    {
        if (TryParse(connectionString) is not { EndPoints.Count: > 0 } options)
        {
            throw new FormatException(
                "Redis is named by a connection string of StackExchange.Redis, such as 'redis.example.org:6379' or "
                + "'a:6379,b:6379,password=…,ssl=true'; what was given is none.");
        }

        options.AbortOnConnectFail = false;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        (options.ConnectTimeout, options.AsyncTimeout) = (2_000, 2_000);
        options.IncludeDetailInExceptions = false;
        options.ClientName = "catalog";
        return options;
    }

    private static ConfigurationOptions? TryParse(string connectionString)
    {
        try
        {
            return ConfigurationOptions.Parse(connectionString);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException)
        {
            return null; // what it says may hold the password
        }
    }

    private static async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            throw new RedisStoreException(e.Message, e);
        }
    }
}
