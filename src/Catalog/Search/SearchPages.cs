using Catalog.Lineage;
using JasperFx.Events;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events.Projections;
using Npgsql;

namespace Catalog.Search;

/// <summary>
/// Keeps <see cref="SearchTables"/>. Events of others come in masses and mostly say again what was said: they are merged to one statement a
/// thing first, and a thing about which nothing is new is not written.
/// </summary>
internal sealed class SearchPages : IProjection
{
    /// <summary>Under which its progress is kept.</summary>
    public const string Name = "search";

    private const int Batch = 1_000;

    public static void AddTo(StoreOptions options)
    {
        SearchTables.AddTo(options);
        var projection = new ProjectionWrapper<IDocumentOperations, IQuerySession>(new SearchPages(), ProjectionLifecycle.Async)
        {
            Name = Name,
        };
        foreach (var fact in SearchEntry.Facts)
            projection.IncludeType(fact);
        projection.IncludeType(typeof(OpenLineageReceived));
        (projection.Options.BatchSize, projection.Options.MaximumHopperSize) = (Batch, 2 * Batch);
        projection.Options.DeleteDataInTableOnTeardown(SearchTables.Entries);
        projection.Options.DeleteDataInTableOnTeardown(SearchTables.Words);
        options.Projections.Add(projection, ProjectionLifecycle.Async);
    }

    public async Task ApplyAsync(IDocumentOperations operations, IReadOnlyList<IEvent> events, CancellationToken ct)
    {
        var ours = events.Where(e => e.Data is not OpenLineageReceived).ToLookup(SearchEntry.Subject);
        var told = new ToldThings();
        foreach (var received in events.Select(e => e.Data).OfType<OpenLineageReceived>())
            told.Add(received);

        await using var connection = operations.Database.CreateConnection();
        await connection.OpenAsync(ct);
        var nodes = ours.Select(o => o.Key).Concat(told.Nodes).Where(n => SearchEntry.KindOf(n) is not null).Distinct().ToList();
        var before = await LoadAsync(connection, nodes, ct);
        var texts = await ToldTexts.ReadAsync(connection, told.TextsNewerThan(before), ct);
        var (changed, restated) = (new List<SearchRow>(), new List<SearchRow>());
        foreach (var node in nodes)
        {
            var old = before.GetValueOrDefault(node);
            var row = SearchRow.Of(told.On(ours[node].Aggregate(old ?? SearchEntry.Of(node), SearchEntry.Fold), texts));
            var was = old is null ? null : SearchRow.Of(old);
            if (was is null || !row.IsFoundLike(was))
                changed.Add(row);
            else if (row.State != was.State)
                restated.Add(row);
        }

        if (changed.Count > 0)
        {
            operations.QueueSqlCommand(SearchTables.WriteSql, SearchTables.Values(changed));
            operations.QueueSqlCommand(SearchTables.WordsSql, SearchTables.Dictionary(changed));
        }

        if (restated.Count > 0)
            operations.QueueSqlCommand(SearchTables.StatesSql, SearchTables.States(restated));
    }

    /// <summary>What the page of the log before left: pages are taken in one after the other.</summary>
    private static async Task<IReadOnlyDictionary<NodeId, SearchEntry>> LoadAsync(
        NpgsqlConnection connection, IReadOnlyCollection<NodeId> nodes, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"select state::text from {SearchTables.Entries} where node = any($1)", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = nodes.Select(n => n.ToString()).ToArray() });
        var entries = new Dictionary<NodeId, SearchEntry>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var entry = SearchTables.Read(reader.GetString(0));
            entries.Add(entry.Node, entry);
        }

        return entries;
    }
}
