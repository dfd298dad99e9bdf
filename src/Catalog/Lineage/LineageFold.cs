using Catalog.Datasets;
using Catalog.FeatureGenerations;
using Catalog.Features;
using Catalog.FeatureServices;
using Catalog.Jobs;
using Catalog.Lineage.OpenLineage;
using Catalog.Lineage.Snapshots;
using Catalog.Models;
using Catalog.Platform.Log;
using Catalog.Platform.Writes;

namespace Catalog.Lineage;

/// <summary>
/// What facts say of lineage: folds them, in the order of the log, into the graph. Each edge between versions is told of the things
/// behind them, too, so that a walk finds its granularity without looking anything up.
/// </summary>
/// <param name="graph">Where to.</param>
/// <param name="openLineage">What others tell, into the same graph.</param>
internal sealed class LineageFold(TemporalGraph graph, OpenLineageFold openLineage)
{
    private readonly SaidEdges _edges = new(graph);
    private readonly FeatureFold _features = new(graph);

    public LineageFold()
        : this(new TemporalGraph())
    {
    }

    public LineageFold(TemporalGraph graph)
        : this(graph, new OpenLineageFold(graph))
    {
    }

    public TemporalGraph Graph => graph;

    public TagHistories Tags => openLineage.Tags;

    /// <summary>Raised when the fold changes: snapshots that an earlier one made are then not used.</summary>
    public const int Revision = 7;

    /// <summary>The facts that say something of lineage.</summary>
    public static IReadOnlyList<Type> Facts { get; } =
    [
        typeof(VersionCommitted), typeof(VersionObserved), typeof(ModelVersionCreated), typeof(RunStarted), typeof(RunInputRead),
        typeof(RunOutputRecorded), typeof(ModelDeployed), typeof(ModelUndeployed), typeof(DatasetRegistered), typeof(DatasetTagged),
        typeof(DatasetUntagged), typeof(ColumnTagged), typeof(ColumnUntagged), typeof(RunTagged), typeof(RunUntagged),
        typeof(FeatureViewRegistered), typeof(FeatureViewDefined), typeof(FeatureViewExtended), typeof(FeatureViewTagged),
        typeof(FeatureViewUntagged), typeof(FeatureServiceRegistered), typeof(FeatureServiceDefined), typeof(FeatureServiceTagged),
        typeof(FeatureServiceUntagged), typeof(FeatureGenerationBuilt), typeof(FeatureGenerationActivated),
        typeof(FeatureGenerationRolledBack), typeof(ModelFeaturesNamed), typeof(VersionDerived), typeof(OpenLineageReceived),
    ];

    /// <summary>One that goes on from a snapshot.</summary>
    public static LineageFold Read(Stream snapshot)
    {
        var (graph, openLineage) = LineageSnapshot.Read(snapshot);
        return new LineageFold(graph, openLineage);
    }

    /// <summary>All that it knows, for a later start to go on from.</summary>
    public LineageSnapshot TakeSnapshot() => LineageSnapshot.Take(graph, openLineage);

    public void Apply(LogEntry entry, FactRegistry facts)
    {
        if (!entry.Data.IsEmpty && entry.ReadFact(facts) is { } fact)
            Apply(entry, fact);
    }

    /// <param name="entry">Where the fact stands in the log.</param>
    /// <param name="fact">The fact, read.</param>
    public void Apply(LogEntry entry, object fact)
    {
        if (NodeId.TryParse(entry.Stream, out var node, out _))
            Apply(new Said(node, entry.Time.UtcTicks, entry.Position), fact);
    }

    private void Apply(Said said, object fact)
    {
        switch (fact)
        {
            case VersionCommitted f:
                Add(said, f.Number);
                break;
            case VersionObserved f:
                Add(said, f.Number);
                break;
            case OpenLineageReceived { Late: false } f:
                openLineage.Apply(f.Event, said.Position);
                break;
            case ModelVersionCreated f:
                Hold(said, said.Node, said.Node.WithVersion(f.Number), LineageRelation.Version);
                break;
            case RunStarted f:
                Hold(said, f.Job, said.Node, LineageRelation.Ran);
                foreach (var tag in f.Tags)
                    Tags.PutOn(said.Node, tag, said.Time, said.Position);
                if (f.Parent is { } parent)
                    Hold(said, NodeId.Run(parent), said.Node, LineageRelation.Started);
                break;
            case RunInputRead f:
                Hold(said, f.Dataset, said.Node, LineageRelation.Input);
                foreach (var job in JobsOf(said.Node))
                    Hold(said, graph.Node(f.Dataset.WithoutVersion()), job, LineageRelation.Reads);
                break;
            case RunOutputRecorded f:
                Hold(said, said.Node, f.Node, f.Node.Kind == NodeKind.Model ? LineageRelation.Trained : LineageRelation.Output);
                foreach (var job in JobsOf(said.Node))
                    Hold(said, job, graph.Node(f.Node.WithoutVersion()), LineageRelation.Writes);
                break;
            case ModelDeployed f:
                Undeploy(said, f.Endpoint, except: f.Number);
                Hold(said, said.Node.WithVersion(f.Number), Endpoint(said, f.Endpoint), LineageRelation.Deployed);
                Hold(said, said.Node, Endpoint(said, f.Endpoint), LineageRelation.Serves);
                break;
            case ModelUndeployed f:
                Undeploy(said, f.Endpoint, except: null);
                End(said, graph.Node(said.Node), graph.Node(Endpoint(said, f.Endpoint)), LineageRelation.Serves);
                break;
            case VersionDerived f:
                // What it read of datasets, its run has said.
                foreach (var view in f.Inputs.Where(i => i.Kind == NodeKind.FeatureView))
                {
                    Hold(said, view, said.Node.WithVersion(f.Number), LineageRelation.Features);
                    Hold(said, view.WithoutVersion(), said.Node, LineageRelation.Derived);
                }

                break;
            default:
                _features.Apply(said, fact);
                Tag(said, fact);
                break;
        }
    }

    private void Tag(Said said, object fact)
    {
        switch (fact)
        {
            case DatasetRegistered f:
                foreach (var tag in f.Tags)
                    Tags.PutOn(said.Node, tag, said.Time, said.Position);
                break;
            case FeatureViewRegistered f:
                foreach (var tag in f.Tags)
                    Tags.PutOn(said.Node, tag, said.Time, said.Position);
                break;
            case FeatureServiceRegistered f:
                foreach (var tag in f.Tags)
                    Tags.PutOn(said.Node, tag, said.Time, said.Position);
                break;
            case FeatureServiceTagged f:
                Tags.PutOn(said.Node, f.Tag, said.Time, said.Position);
                break;
            case FeatureServiceUntagged f:
                Tags.TakeOff(said.Node, f.Tag, said.Time, said.Position);
                break;
            case FeatureViewTagged f:
                Tags.PutOn(said.Node, f.Tag, said.Time, said.Position);
                break;
            case FeatureViewUntagged f:
                Tags.TakeOff(said.Node, f.Tag, said.Time, said.Position);
                break;
            case DatasetTagged f:
                Tags.PutOn(said.Node, f.Tag, said.Time, said.Position);
                break;
            case DatasetUntagged f:
                Tags.TakeOff(said.Node, f.Tag, said.Time, said.Position);
                break;
            case ColumnTagged f:
                Tags.PutOn(Column(said, f.Column), f.Tag, said.Time, said.Position);
                break;
            case ColumnUntagged f:
                Tags.TakeOff(Column(said, f.Column), f.Tag, said.Time, said.Position);
                break;
            case RunTagged f:
                Tags.PutOn(said.Node, f.Tag, said.Time, said.Position);
                break;
            case RunUntagged f:
                Tags.TakeOff(said.Node, f.Tag, said.Time, said.Position);
                break;
        }
    }

    private static NodeId Column(Said said, string column) =>
        NodeId.Dataset(said.Node.Namespace, said.Node.Name, version: null, column);

    private void Add(Said said, long number)
    {
        Hold(said, said.Node, said.Node.WithVersion(number), LineageRelation.Version);
        openLineage.AddVersion(said.Node.WithVersion(number), said.Time, said.Position);
    }

    /// <summary>Ends what served at an endpoint, as far as it is of the model that speaks.</summary>
    private void Undeploy(Said said, string endpoint, long? except)
    {
        var there = graph.Node(Endpoint(said, endpoint));
        foreach (var (version, _) in graph.Neighbours(there, into: true, LineageRelations.Of(LineageRelation.Deployed)))
        {
            var node = graph.NodeOf(version);
            if (node.WithoutVersion() == said.Node && node.VersionNumber != except)
                End(said, version, there, LineageRelation.Deployed);
        }
    }

    private IEnumerable<int> JobsOf(NodeId run) =>
        graph.Neighbours(graph.Node(run), into: true, LineageRelations.Of(LineageRelation.Ran)).Select(n => n.Node);

    private void Hold(Said said, NodeId from, NodeId to, LineageRelation relation) => _edges.Hold(said, from, to, relation);

    private void Hold(Said said, int from, int to, LineageRelation relation) => _edges.Hold(said, from, to, relation);

    private void End(Said said, int from, int to, LineageRelation relation) => _edges.End(said, from, to, relation);

    private static NodeId Endpoint(Said said, string endpoint) => NodeId.Deployment(said.Node.Namespace, endpoint);
}
