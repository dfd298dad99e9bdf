using Apache.Arrow;
using Catalog.Access;
using Catalog.Access.Policies;
using Catalog.Sdk;

namespace Catalog.Cli.Demo;

/// <summary>
/// An analyst whom nothing allows anything is denied, told why, let in by two statements, shown masked values; and what was answered before
/// and after can be asked for ever.
/// </summary>
internal sealed class AnalystAccess(CatalogClient catalog, TimeProvider clock, Narrator narrator)
{
    private const string Analyst = "demo-analyst";
    private const string Sensitive = "sensitive";
    private const string MaskedColumn = "destination";
    private static readonly string[] s_columns = ["date", "origin", MaskedColumn];

    private static readonly Statement s_permission = new(
        "demo/analysts-read-flights", Effect.Allow, [Analyst], ["read", "read-data"], ["dataset:demo/flights"], Tags: null, ["analytics"],
        When: null, NotBefore: null, Expires: null, Columns: [], Mask: null, Rows: null, Requires: null,
        "Analysts look at flights, for analytics.");

    private static readonly Statement s_mask = s_permission with
    {
        Id = "demo/sensitive-is-hashed",
        Effect = Effect.Mask,
        Actions = [],
        Resources = [],
        Tags = Sensitive,
        Purposes = [],
        Mask = Mask.Hash,
        Reason = "Analysts can count and join what is sensitive, and not read it.",
    };

    public async Task TellAsync(QualifiedName flights, long version, CancellationToken ct)
    {
        var node = NodeId.Dataset(flights.Namespace, flights.Name).WithVersion(version);
        await catalog.Datasets.TagAsync(flights, Sensitive, column: MaskedColumn, ct: ct);
        var listed = (await catalog.Policies.ListAsync(ct: ct)).Statements.FirstOrDefault(s => s.Statement.Id == s_permission.Id);
        var position = listed?.Position ?? await LetInAsync(flights, node, ct);
        if (listed is not null)
            narrator.Line($"{Analyst} may read {flights}, for analytics, with what is {Sensitive} hashed.", before: true);

        foreach (var (when, at) in ((string, long)[])[("before", position - 1), ("after", position)])
        {
            var question = new AccessQuestion { Principal = Analyst, Purpose = Purpose.Analytics, AsOf = new AsOf(at) };
            var answer = await catalog.Access.ExplainAsync(Act.ReadData, node, question, ct);
            narrator.Line($"As of position {at}, {when} that, {Analyst} {(answer.Allowed ? "may" : "may not")} read {node} for analytics.");
        }
    }

    /// <summary>Log position of the permission.</summary>
    private async Task<long> LetInAsync(QualifiedName flights, NodeId node, CancellationToken ct)
    {
        var key = await catalog.Keys.CreateAsync("demo analyst", Role.None, Analyst, clock.GetUtcNow().AddHours(1), ct);
        await using var analyst = new CatalogClient(
            catalog.Address, key.Key, new CatalogClientOptions { Purpose = Purpose.Analytics });
        await DenyAsync(analyst, node, ct);

        // One after the other, so that the position before the permission is one at which the mask stood already.
        await catalog.Policies.ApplyAsync([s_mask], ct: ct);
        var applied = await catalog.Policies.ApplyAsync([s_permission], ct: ct);
        narrator.Line($"A statement lets {Analyst} in: {s_permission.Reason}");
        narrator.Line($"Another masks: {s_mask.Reason}");

        await using var unsaid = new CatalogClient(catalog.Address, key.Key);
        var near = (await unsaid.Access.ExplainAsync(Act.ReadData, node, ct: ct)).NearMisses[0];
        narrator.Line($"Without a purpose it is denied still: '{near.Statement}' fails at {near.Clause}; {near.Detail}.");
        await ShowAsync(analyst, node, ct);
        return applied.Position;
    }

    private async Task DenyAsync(CatalogClient analyst, NodeId node, CancellationToken ct)
    {
        try
        {
            await using var none = await OpenAsync(analyst, node, ct);
            throw new CatalogException(null, "demo.not_denied", $"'{Analyst}' read {node}, which nothing allows.");
        }
        catch (CatalogException e) when (e.Code == "access.denied")
        {
            narrator.Line($"{Analyst} asks for {node} and is denied: {e.Message}");
        }
    }

    private async Task ShowAsync(CatalogClient analyst, NodeId node, CancellationToken ct)
    {
        await using var columns = await OpenAsync(analyst, node, ct);
        await foreach (var batch in columns.BatchesAsync(ct))
        {
            using (batch)
            {
                var (origin, destination) = ((StringArray)batch.Column("origin"), (StringArray)batch.Column(MaskedColumn));
                narrator.Line($"With one, {Analyst} reads of the first flight: {origin.GetString(0)} to {destination.GetString(0)}.");
                return;
            }
        }
    }

    private static async Task<ColumnStream> OpenAsync(CatalogClient client, NodeId node, CancellationToken ct) =>
        await (await client.Datasets.ReadAsync(node, ct)).OpenColumnsAsync(
            new ColumnQuery { Columns = s_columns, Filter = "origin = 'SEA'", BatchRows = 1 }, ct);
}
