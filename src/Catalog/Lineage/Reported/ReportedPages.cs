using JasperFx.Events;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events.Projections;

namespace Catalog.Lineage.Reported;

/// <summary>
/// Keeps <see cref="ReportedTables"/>, one statement a table for a page of the log. Asynchronous, and waited for only by those who read
/// these tables: events of others come in masses.
/// </summary>
internal sealed class ReportedPages : IProjection
{
    /// <summary>Under which its progress is kept.</summary>
    public const string Name = "openlineage";

    private const int Batch = 2_000;

    public static void AddTo(StoreOptions options)
    {
        ReportedTables.AddTo(options);
        var projection = new ProjectionWrapper<IDocumentOperations, IQuerySession>(new ReportedPages(), ProjectionLifecycle.Async)
        {
            Name = Name,
        };
        projection.IncludeType(typeof(OpenLineageReceived));
        (projection.Options.BatchSize, projection.Options.MaximumHopperSize) = (Batch, 2 * Batch);
        foreach (var table in ReportedTables.All)
            projection.Options.DeleteDataInTableOnTeardown(table.Name);
        options.Projections.Add(projection, ProjectionLifecycle.Async);
    }

    public Task ApplyAsync(IDocumentOperations operations, IReadOnlyList<IEvent> events, CancellationToken ct)
    {
        var rows = new ReportedRows();
        foreach (var e in events)
        {
            if (e.Data is OpenLineageReceived received)
                rows.Add(e.Sequence, received);
        }

        foreach (var table in ReportedTables.All)
        {
            if (rows.Of(table) is { Count: > 0 } merged)
                operations.QueueSqlCommand(table.Sql, table.Arrays(merged));
        }

        return Task.CompletedTask;
    }
}
