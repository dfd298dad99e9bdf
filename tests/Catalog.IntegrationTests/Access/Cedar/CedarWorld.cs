using Catalog.Access.Policies;
using Catalog.Lineage;

namespace Catalog.IntegrationTests.Access.Cedar;

/// <summary>
/// Things, tags and lineage, made at random: as the catalog follows them, and as entities of Cedar, where what lies in, inherits or is a
/// member has parents, so that Cedar itself follows them. Names hold signs that are encoded where nodes are written.
/// </summary>
internal sealed class CedarWorld
{
    public const int Versions = 2;

    public static readonly string[] Tags = ["pii", "pii.email", "pii.email.work", "tier:gold", "public"];

    /// <summary>As they are, and as they are written in nodes.</summary>
    public static readonly (string Plain, string Written)[] Namespaces = [("demo", "demo"), ("s3://lab", "s3%3A%2F%2Flab")];

    public static readonly (string Plain, string Written)[] Names = [("flights", "flights"), ("a@b#c", "a%40b%23c")];

    private readonly TemporalGraph _graph = new();
    private readonly TagHistories _histories = new();
    private readonly Dictionary<string, List<string>> _bearers = new(StringComparer.Ordinal);
    private readonly Dictionary<NodeId, NodeId> _holders = [];
    private long _position;

    /// <summary>Things and versions that can be asked for, also some that lineage does not know.</summary>
    public List<NodeId> Nodes { get; } = [];

    public static CedarWorld Random(Random random)
    {
        var world = new CedarWorld();
        var made = new List<NodeId>();
        foreach (var kind in (NodeKind[])[NodeKind.Dataset, NodeKind.FeatureView, NodeKind.Model])
        {
            foreach (var thing in world.Things(kind))
                world.Grow(thing, made, random);
        }

        foreach (var (kind, holder, relation) in ((NodeKind, NodeKind, LineageRelation)[])
            [(NodeKind.Run, NodeKind.Job, LineageRelation.Ran), (NodeKind.Generation, NodeKind.FeatureView, LineageRelation.Materialised)])
            world.Hold(kind, holder, relation, random);
        world.Nodes.AddRange(world.Things(NodeKind.Deployment));
        return world;
    }

    /// <summary>As the catalog knows it.</summary>
    public InheritedTags Followed(PolicySet set)
    {
        _graph.Publish(_position);
        _histories.Publish(_position);
        return InheritedTags.Of(
            _graph.Current, _histories.Current, Moment.Latest, TagNames.Of(set), new Dictionary<string, IReadOnlySet<NodeId>>());
    }

    /// <summary>What all requests are asked over: tags, and what bears them, each with its parents.</summary>
    public IEnumerable<CedarEntity> Entities() =>
    [
        .. Tags.Select(t => new CedarEntity(("Tag", t), t.LastIndexOf('.') is var dot and > 0 ? [("Tag", t[..dot])] : [])),
        .. _bearers.Select(b => new CedarEntity(("Bearer", b.Key), [.. b.Value.Select(Parent)])),
    ];

    /// <summary>What is asked for, with all that it lies in.</summary>
    public IEnumerable<CedarEntity> Entities(NodeId? resource)
    {
        if (resource is not { } node)
            return [new CedarEntity(("Place", "*"), [])];
        var places = new Dictionary<string, List<string>>(StringComparer.Ordinal) { ["*"] = [] };
        var self = Place(places, node);
        if (_holders.TryGetValue(node, out var holder))
            places[self].Add(Place(places, holder));
        var attributes = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["kind"] = NodeId.WordOf(node.Kind),
            ["namespace"] = node.Namespace,
            ["name"] = node.Name,
            ["bearer"] = CedarEntity.Reference(("Bearer", BearerOf(node))),
        };
        return places.Select(p => new CedarEntity(("Place", p.Key), [.. p.Value.Select(above => ("Place", above))])
        {
            Attributes = p.Key == self ? attributes : [],
        });
    }

    /// <summary>A version that lineage does not know bears what its thing does.</summary>
    private string BearerOf(NodeId node) =>
        _bearers.ContainsKey(node.ToString()) ? node.ToString() : node.WithoutVersion().ToString();

    private static (string Type, string Id) Parent(string text) =>
        text.StartsWith("tag ", StringComparison.Ordinal) ? ("Tag", text[4..]) : ("Bearer", text);

    /// <summary>Puts a node where patterns of statements find it, under the texts that they are written by.</summary>
    private static string Place(Dictionary<string, List<string>> places, NodeId node)
    {
        var kind = $"{NodeId.WordOf(node.Kind)}:*";
        places[kind] = ["*"];
        var thing = node.WithoutVersion().ToString();
        places[thing] = [kind];
        if (node.Namespace.Length > 0)
        {
            var written = Array.Find(Namespaces, n => n.Plain == node.Namespace).Written;
            var (ns, within) = ($"namespace:{written}", $"{NodeId.WordOf(node.Kind)}:{written}/*");
            places[ns] = ["*"];
            places[within] = [kind, ns];
            places[thing] = [within];
        }

        if (node.Version is null)
            return thing;
        places[node.ToString()] = [thing];
        return node.ToString();
    }

    private IEnumerable<NodeId> Things(NodeKind kind) =>
        from ns in Namespaces
        from name in Names
        select NodeId.Parse($"{NodeId.WordOf(kind)}:{ns.Written}/{name.Written}");

    /// <summary>Gives a thing tags and versions, which are made of earlier ones of any thing.</summary>
    private void Grow(NodeId thing, List<NodeId> made, Random random)
    {
        Nodes.AddRange([thing, thing.WithVersion(Versions + 1)]);
        _bearers[thing.ToString()] = [];
        while (thing.Kind != NodeKind.Model && random.Next(2) == 0)
        {
            var tag = Tags[random.Next(Tags.Length)];
            _histories.PutOn(thing, tag, since: 1, ++_position);
            _bearers[thing.ToString()].Add($"tag {tag}");
        }

        for (var number = 1; number <= Versions; number++)
        {
            var version = thing.WithVersion(number);
            Nodes.Add(version);
            if (random.Next(4) == 0)
                continue; // lineage does not know it
            _bearers[version.ToString()] = [thing.ToString()];
            Edge(thing, version, LineageRelation.Version);
            if (thing.Kind == NodeKind.FeatureView)
                continue;
            var run = NodeId.Run(new Guid(made.Count + 1, 0, 0, new byte[8]));
            for (var i = random.Next(3); i > 0 && made.Count > 0; i--)
            {
                var source = made[random.Next(made.Count)];
                Edge(source, run, LineageRelation.Input);
                _bearers[version.ToString()].Add(source.ToString());
            }

            Edge(run, version, thing.Kind == NodeKind.Model ? LineageRelation.Trained : LineageRelation.Output);
            made.Add(version);
        }
    }

    /// <summary>Runs and generations, of which one lies in something and another in nothing that is known.</summary>
    private void Hold(NodeKind kind, NodeKind holder, LineageRelation relation, Random random)
    {
        var holders = Things(holder).ToList();
        foreach (var number in (int[])[1, 2])
        {
            var node = NodeId.Parse($"{NodeId.WordOf(kind)}:{new Guid(number, (short)kind, 0, new byte[8])}");
            Nodes.Add(node);
            _bearers[node.ToString()] = [];
            if (number == 2)
                continue;
            var thing = holders[random.Next(holders.Count)];
            _holders[node] = thing;
            if (holder == NodeKind.Job)
            {
                Edge(thing, node, relation);
                continue;
            }

            var version = thing.WithVersion(1);
            if (_bearers.TryAdd(version.ToString(), [thing.ToString()]))
                Edge(thing, version, LineageRelation.Version);
            Edge(version, node, relation);
            _bearers[node.ToString()].Add(version.ToString());
        }

        if (holder == NodeKind.Job)
            Nodes.AddRange(holders);
    }

    private void Edge(NodeId from, NodeId to, LineageRelation relation) =>
        _graph.Hold(_graph.Node(from), _graph.Node(to), relation, since: 1, ++_position);
}

/// <summary>An entity as Cedar reads it.</summary>
/// <param name="Id">Type and id.</param>
/// <param name="Parents">What it is in.</param>
internal sealed record CedarEntity((string Type, string Id) Id, IReadOnlyList<(string Type, string Id)> Parents)
{
    public Dictionary<string, object> Attributes { get; init; } = [];

    public static object Reference((string Type, string Id) id) => new { __entity = new { type = id.Type, id = id.Id } };

    public object Written => new
    {
        uid = new { type = Id.Type, id = Id.Id },
        attrs = Attributes,
        parents = Parents.Distinct().Select(p => new { type = p.Type, id = p.Id }),
    };
}
