using Npgsql;

namespace Catalog.Platform.Store;

/// <summary>
/// Shared commits come one after the other, by the same few statements. On one connection, with statements prepared, PostgreSQL's plans and
/// caches stay warm: without, a lone writer has half the throughput (docs/benchmarks.md). Reads are not prepared: they come in too many
/// forms, and see <see cref="Drop"/>.
/// </summary>
internal sealed class CommitConnection(NpgsqlConnectionStringBuilder database) : IAsyncDisposable
{
    private readonly NpgsqlDataSource _only = NpgsqlDataSource.Create(ForCommits(database));

    /// <summary>The connection, of which there is one: give it back, by disposing it, before it is asked for again.</summary>
    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken ct) => _only.OpenConnectionAsync(ct);

    /// <summary>
    /// Has the next commit run on a new connection. To be called when one failed: Npgsql can lose track of which statements are prepared
    /// when a transaction is rolled back that prepared some (npgsql/npgsql#6391).
    /// </summary>
    public void Drop() => _only.Clear();

    public ValueTask DisposeAsync() => _only.DisposeAsync();

    private static NpgsqlConnectionStringBuilder ForCommits(NpgsqlConnectionStringBuilder commits)
    {
        (commits.MinPoolSize, commits.MaxPoolSize, commits.NoResetOnClose) = (0, 1, true);
        if (!commits.ShouldSerialize("Max Auto Prepare")) // whether it was given; ContainsKey holds for every keyword that Npgsql knows
            (commits.MaxAutoPrepare, commits.AutoPrepareMinUsages) = (100, 2);
        return commits;
    }
}
