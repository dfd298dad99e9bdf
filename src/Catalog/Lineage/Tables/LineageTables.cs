using System.Globalization;
using Catalog.Platform.Store;
using Npgsql;

namespace Catalog.Lineage.Tables;

/// <summary>
/// The lineage graph once more, as tables for SQL tools: derived from the log, in no backup, and filled anew where they do not fit.
/// Auditors read them through views (<see cref="Auditing.AuditorViews"/>).
/// </summary>
internal static class LineageTables
{
    public const string Schema = "lineage";
    public const string Node = $"{Schema}.node";
    public const string Edge = $"{Schema}.edge";
    public const string Progress = $"{Schema}.progress";

    /// <summary>What stands for no end, of times (ticks) and of positions.</summary>
    public static string Never { get; } = long.MaxValue.ToString(CultureInfo.InvariantCulture);

    /// <summary>Raised when the tables change: those of another layout are dropped.</summary>
    private const int Layout = 1;

    /// <remarks>
    /// Times are ticks, as in the graph: PostgreSQL's have microseconds only, and two statements may differ by less. A node's text can be
    /// longer than a B-tree takes; its SHA-256 tells nodes apart, and a hash index finds them by their text.
    /// </remarks>
    private const string Definition =
        $"""
        create table if not exists {Node} (
            id bigint generated always as identity primary key,
            digest bytea not null unique,
            node text not null,
            kind text not null,
            namespace text not null,
            name text not null,
            version text,
            column_name text,
            first_known bigint not null);
        create index if not exists node_text on {Node} using hash (node);
        create index if not exists node_name on {Node} (namespace, name);
        create table if not exists {Edge} (
            source bigint not null,
            target bigint not null,
            relation smallint not null,
            held_from bigint not null,
            held_to bigint not null,
            known_from bigint not null,
            known_until bigint not null,
            primary key (target, source, relation, known_from, held_from, held_to));
        create index if not exists edge_source on {Edge} (source, target);
        create index if not exists edge_known on {Edge} (known_from);
        create index if not exists edge_replaced on {Edge} (known_until) where known_until < 9223372036854775807;
        create table if not exists {Progress} (
            one boolean primary key default true check (one),
            layout integer not null,
            revision integer not null,
            position bigint not null,
            facts bigint not null,
            late bigint[] not null,
            writer uuid,
            updated_at timestamptz not null default now());
        """;

    /// <summary>Brings the tables up to date, in the turn of whoever brings the schema up to date.</summary>
    public static async Task ApplyAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await RunAsync(connection, $"create schema if not exists {Schema}", ct);
        if (await IsOfOtherLayoutAsync(connection, ct))
            await RunAsync(connection, $"drop table if exists {Edge}, {Node}, {Progress}", ct);
        await RunAsync(connection, Definition, ct);
        await RunAsync(
            connection,
            $"insert into {Progress} (layout, revision, position, facts, late) values ({Layout}, 0, 0, 0, '{{}}') on conflict do nothing",
            ct);
    }

    private static async Task<bool> IsOfOtherLayoutAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var known = new NpgsqlCommand($"select to_regclass('{Progress}') is not null", connection);
        if (await known.ExecuteScalarAsync(ct) is not true)
            return false;
        await using var layout = new NpgsqlCommand($"select exists (select from {Progress} where layout <> {Layout})", connection);
        return await layout.ExecuteScalarAsync(ct) is true;
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }
}
