using System.Collections.Immutable;
using Catalog.Features;
using Catalog.Platform.Store;
using Catalog.Platform.Writes;
using Marten;
using Npgsql;

namespace Catalog.Serving;

/// <summary>
/// What the catalog says of serving: views, services, and which generations are active. All of it is read by one statement, so that what
/// was committed together is seen together.
/// </summary>
internal sealed class ServingDeclarations(IDocumentStore store, States states)
{
    private readonly HashSet<string> _streams = new(StringComparer.Ordinal);

    /// <summary>The facts that change what is served.</summary>
    public static IReadOnlyList<Type> Facts { get; } =
    [
        typeof(FeatureViewRegistered), typeof(FeatureViewDefined), typeof(FeatureViewExtended), typeof(FeatureViewTagged),
        typeof(FeatureViewUntagged),
    ];

    /// <summary>Finds all streams that have such facts.</summary>
    /// <returns>The end of the log before that.</returns>
    public async Task<long> FindAllAsync(CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand($"select coalesce(max(seq_id), 0) from {CatalogStore.Schema}.mt_events"),
                new NpgsqlBatchCommand(
                    $"select id from {CatalogStore.Schema}.mt_streams where id like 'feature-view:%' or id like 'feature-service:%'"),
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var end = reader.GetInt64(0);
        await reader.NextResultAsync(ct);
        while (await reader.ReadAsync(ct))
            _streams.Add(reader.GetString(0));
        return end;
    }

    /// <summary>These streams are to be looked at, too.</summary>
    public void Note(IEnumerable<string> streams) => _streams.UnionWith(streams);

    /// <summary>Everything as it is now.</summary>
    public async Task<Declared> LoadAsync(CancellationToken ct)
    {
        var (views, services) = (new List<DeclaredView>(), new List<ServiceVersion>());
        foreach (var row in (await states.LoadAsync(_streams, ct)).Values.OrderBy(r => r.Id, StringComparer.Ordinal))
        {
            var node = NodeId.Parse(row.Id);
            if (node.Kind == NodeKind.FeatureView && (await states.ReadAsync<FeatureView>(row, ct)).State is { } view)
                views.AddRange(Enumerable.Range(1, view.Versions.Count).Select(n => Of(node, n, view)));
        }

        return new(views, services);
    }

    private static DeclaredView Of(NodeId view, int number, FeatureView state) => new(
        view.WithVersion(number), state.Versions[number - 1].Definition, state.Tags,
        [ServingTier.Memory, ServingTier.Offline], Active: null, Activation: Guid.Empty);
}

/// <summary>What is to be served.</summary>
internal sealed record Declared(IReadOnlyList<DeclaredView> Views, IReadOnlyList<ServiceVersion> Services);

/// <summary>A version of a view that is to be served.</summary>
/// <param name="Node">By number.</param>
/// <param name="Definition">As it was extended last.</param>
/// <param name="Tags">Of the view.</param>
/// <param name="Tiers">Where its values are looked for, in this order.</param>
/// <param name="Active">The generation that is to serve; null for none.</param>
/// <param name="Activation">All that have the same one were activated together.</param>
internal sealed record DeclaredView(
    NodeId Node, FeatureDefinition Definition, ImmutableSortedSet<string> Tags, IReadOnlyList<ServingTier> Tiers, ActiveGeneration? Active,
    Guid Activation);
