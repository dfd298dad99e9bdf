using Apache.Arrow;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;

namespace Catalog.IntegrationTests.Predictions;

/// <summary>A model of its own with a version, whose predictions are kept.</summary>
internal sealed class Decisions(CatalogClient catalog, QualifiedName model)
{
    public CatalogClient Catalog => catalog;

    public QualifiedName Model => model;

    public NodeId Version { get; } = NodeId.Model(model.Namespace, model.Name, 1);

    public QualifiedName Dataset { get; } = new(model.Namespace, $"{model.Name}.predictions");

    /// <param name="catalog">Where.</param>
    /// <param name="trainedOn">A dataset that its run reads; null for none.</param>
    /// <param name="ns">Its namespace; null for one of its own.</param>
    public static async Task<Decisions> OfModelAsync(CatalogClient catalog, QualifiedName? trainedOn = null, string? ns = null)
    {
        var made = new Decisions(catalog, new QualifiedName(ns ?? New.Name("scoring"), "delay"));
        await catalog.Models.RegisterAsync(made.Model, new ModelRegistration("team-scoring"));
        await using var run = await catalog.StartRunAsync(new QualifiedName(made.Model.Namespace, "train"));
        if (trainedOn is { } rows)
            await run.ReadAsync(rows, VersionRef.Latest);
        using var folder = new TemporaryFolder();
        var file = folder["model.bin"];
        Directory.CreateDirectory(Path.GetDirectoryName(file) ?? "");
        await File.WriteAllTextAsync(file, made.Model.Namespace);
        await catalog.Models.CommitAsync(made.Model, run.Id, new NewModelVersion { Sources = [new VersionSource.Upload(file)] });
        await run.CompleteAsync();
        await catalog.Models.SwitchPredictionLogOnAsync(made.Model, 200);
        return made;
    }

    public Prediction Of(string requestId, string airport = "ORD") => new(
        requestId, Version, new Dictionary<string, object?> { ["airport"] = airport },
        new Dictionary<string, object?> { ["late"] = true, ["minutes"] = 12.5 });

    public static IReadOnlyList<string> Ids(int count, string stem = "r") =>
        [.. Enumerable.Range(0, count).Select(i => $"{stem}-{i:D5}-{Guid.CreateVersion7():N}")];

    /// <summary>Request ids that the newest version of the dataset has, as anybody reads them.</summary>
    public async Task<IReadOnlyList<string>> SealedAsync()
    {
        var ids = new List<string>();
        var version = await catalog.Datasets.ReadAsync(Dataset, VersionRef.Latest);
        await using var columns = await version.OpenColumnsAsync(new ColumnQuery { Columns = ["request_id"] });
        await foreach (var batch in columns.BatchesAsync())
        {
            using (batch)
                ids.AddRange((StringArray)batch.Column(0));
        }

        return ids;
    }
}
