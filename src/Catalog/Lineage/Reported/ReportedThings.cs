using Catalog.Platform.Store;
using Marten;
using Npgsql;

namespace Catalog.Lineage.Reported;

/// <summary>Finds single things in <see cref="ReportedTables"/>.</summary>
internal sealed class ReportedThings(IDocumentStore store)
{
    /// <summary>What events told of it, without facets; null where none names it.</summary>
    public async Task<ShowReported.Answer?> FindAsync(NodeId node, CancellationToken ct)
    {
        var (columns, table, read) = node.Kind switch
        {
            NodeKind.Run => (RunColumns, ReportedTables.Runs, Run),
            NodeKind.Job => (JobColumns, ReportedTables.Jobs, (Func<NodeId, NpgsqlDataReader, ShowReported.Answer>)Job),
            _ => (DatasetColumns, ReportedTables.Datasets, Dataset),
        };
        var found = await store.ReadAsync(
            $"select first_event, last_event, {columns} from {table.Name} where node = $1", [node.ToString()], row => read(node, row), ct);
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>The path of the page that shows what was done here; null where nothing was.</summary>
    public async Task<string?> PageOfAsync(NodeId node, CancellationToken ct)
    {
        var (table, path) = node.Kind switch
        {
            NodeKind.Run => ("page_run", $"/v1/runs/{Uri.EscapeDataString(node.Name)}"),
            NodeKind.Job => ("page_job", $"/v1/jobs/{Uri.EscapeDataString(node.Namespace)}/{Uri.EscapeDataString(node.Name)}"),
            _ => ("page_dataset", $"/v1/datasets/{Uri.EscapeDataString(node.Namespace)}/{Uri.EscapeDataString(node.Name)}"),
        };
        var there = await store.CountAsync(
            $"select count(*) from {CatalogStore.Schema}.mt_doc_{table} where id = $1", [node.ToString()], ct);
        return there > 0 ? path : null;
    }

    private const string RunColumns =
        "job, state, state_since, started, ended, parent_run, parent_job, root_run, root_job, nominal_start, nominal_end";

    private const string JobColumns = "processing_type, integration, job_type, parent_job, last_run";

    private const string DatasetColumns = "type, last_written, change, changed_at, renamed_to";

    private static ShowReported.Answer Run(NodeId node, NpgsqlDataReader row) => Answer(node, row) with
    {
        Run = new(
            row.Node(2), row.Text(3), row.Time(4), row.Time(5), row.Time(6), row.Node(7), row.Node(8), row.Node(9), row.Node(10),
            row.Time(11), row.Time(12)),
    };

    private static ShowReported.Answer Job(NodeId node, NpgsqlDataReader row) => Answer(node, row) with
    {
        Job = new(row.Text(2), row.Text(3), row.Text(4), row.Node(5), row.Node(6)),
    };

    private static ShowReported.Answer Dataset(NodeId node, NpgsqlDataReader row) => Answer(node, row) with
    {
        Dataset = new(row.Text(2), row.Time(3), row.Text(4), row.Time(5), row.Node(6)),
    };

    private static ShowReported.Answer Answer(NodeId node, NpgsqlDataReader row) =>
        new(node, Page: null, row.Time(0), row.Time(1), Run: null, Job: null, Dataset: null, Facets: []);
}
