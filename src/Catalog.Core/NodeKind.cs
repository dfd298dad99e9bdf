namespace Catalog;

/// <summary>
/// What a node of the catalog is. The list is closed. Zero is no kind, so that an unset <see cref="NodeId"/> never looks like a dataset.
/// </summary>
public enum NodeKind
{
    Dataset = 1,
    Job,
    Model,
    Deployment,
    FeatureView,
    FeatureService,
    Run,
    Generation,
    File,
}

/// <summary>How kinds are written, and which parts each of them has.</summary>
internal static class NodeKinds
{
    public const string List = "dataset, job, model, deployment, feature-view, feature-service, run, generation, file";

    public static string Write(NodeKind kind) => kind switch
    {
        NodeKind.Dataset => "dataset",
        NodeKind.Job => "job",
        NodeKind.Model => "model",
        NodeKind.Deployment => "deployment",
        NodeKind.FeatureView => "feature-view",
        NodeKind.FeatureService => "feature-service",
        NodeKind.Run => "run",
        NodeKind.Generation => "generation",
        NodeKind.File => "file",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, $"The kinds of node are {List}."),
    };

    public static NodeKind? Read(ReadOnlySpan<char> text) => text switch
    {
        "dataset" => NodeKind.Dataset,
        "job" => NodeKind.Job,
        "model" => NodeKind.Model,
        "deployment" => NodeKind.Deployment,
        "feature-view" => NodeKind.FeatureView,
        "feature-service" => NodeKind.FeatureService,
        "run" => NodeKind.Run,
        "generation" => NodeKind.Generation,
        "file" => NodeKind.File,
        _ => null,
    };

    /// <summary>Runs, generations and files are known by an id alone.</summary>
    public static bool HasNamespace(NodeKind kind) => kind is not (NodeKind.Run or NodeKind.Generation or NodeKind.File);

    public static bool HasVersion(NodeKind kind) =>
        kind is NodeKind.Dataset or NodeKind.Model or NodeKind.FeatureView or NodeKind.FeatureService;

    public static bool HasColumn(NodeKind kind) => kind is NodeKind.Dataset or NodeKind.FeatureView;
}
