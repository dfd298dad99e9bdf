using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Catalog.Lineage.Exports;

/// <summary>
/// Lineage as PROV-JSON (W3C Member Submission of 24 April 2013). Versions, datasets, models, deployments, files and columns are entities,
/// runs are activities, principals agents, and a job is the plan of its runs. What a run read and made is said as that: PROV has a word for
/// it, and who wants derivations can infer them, while the catalog does not know that each output came of each input.
/// </summary>
internal sealed class Prov
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly SortedDictionary<string, string> _prefixes = new(StringComparer.Ordinal)
    {
        ["prov"] = ProvNames.NamespaceOf("prov"),
    };

    private readonly JsonObject _entities = [];
    private readonly JsonObject _activities = [];
    private readonly JsonObject _agents = [];
    private readonly SortedDictionary<string, JsonObject> _relations = new(StringComparer.Ordinal);
    private int _related;

    /// <param name="lineage">What is told of.</param>
    /// <param name="runs">What is known of the runs.</param>
    /// <param name="since">Since when edges hold, where it is known.</param>
    public static string Write(
        LineageExtract lineage, IReadOnlyDictionary<NodeId, RunRecord> runs, IReadOnlyDictionary<LineageEdge, DateTimeOffset> since)
    {
        var prov = new Prov();
        foreach (var node in lineage.Nodes)
            prov.Add(node.Id, runs);
        foreach (var edge in lineage.Edges)
            prov.Relate(edge, since.TryGetValue(edge, out var time) ? Time(time) : null);
        prov.Inform(lineage.Edges);
        return prov.Document().ToJsonString(s_json);
    }

    private void Add(NodeId node, IReadOnlyDictionary<NodeId, RunRecord> runs)
    {
        if (node.Kind != NodeKind.Run)
            Entity(node);
        else if (runs.TryGetValue(node, out var run))
            Run(run);
        else
            Activity(Name(node), node.ToString(), "Run");
    }

    private void Run(RunRecord run)
    {
        var activity = Activity(Name(run.Node), run.Node.ToString(), "Run");
        if (run.StartedAt is { } start)
            activity["prov:startTime"] = Time(start);
        if (run.EndedAt is { } end)
            activity["prov:endTime"] = Time(end);
        if (run.End is { } how)
            activity["catalog:state"] = how.ToString().ToLowerInvariant();
        if (run.CodeRevision is { } revision)
            activity["catalog:codeRevision"] = revision;
        Associate(Name(run.Node), run.Principal, run.Job, run.IsNative ? "starter" : "reporter");
        if (run.Parent is { } parent)
        {
            Activity(Name(parent), parent.ToString(), "Run");
            Say("wasStartedBy", ("prov:activity", Name(run.Node)), ("prov:starter", Name(parent)));
        }
    }

    /// <summary>Who was responsible, and after which plan.</summary>
    private void Associate(string activity, string? principal, NodeId? job, string role)
    {
        if (principal is null && job is null)
            return;
        var agent = principal is null ? null : Qualified(ProvNames.Of(ProvNames.Principal, principal));
        if (agent is not null)
            _agents[agent] = new JsonObject { ["prov:type"] = Type("Principal") };
        if (job is { } plan)
            Entity(plan);
        Say(
            "wasAssociatedWith",
            ("prov:activity", activity), ("prov:agent", agent), ("prov:plan", job is { } of ? Name(of) : null),
            ("prov:role", agent is null ? null : role));
    }

    private void Relate(LineageEdge edge, string? time)
    {
        var (from, to) = (End(edge, edge.From), End(edge, edge.To));
        switch (edge.Relation)
        {
            case LineageRelation.Input or LineageRelation.Reads:
                Say("used", ("prov:activity", to), ("prov:entity", from), ("prov:time", time));
                break;
            case LineageRelation.Output or LineageRelation.Trained or LineageRelation.Writes:
                Say("wasGeneratedBy", ("prov:entity", to), ("prov:activity", from), ("prov:time", time));
                break;
            case LineageRelation.Follows:
                Say("wasInformedBy", ("prov:informed", to), ("prov:informant", from));
                break;
            case LineageRelation.File:
                Say("hadMember", ("prov:collection", to), ("prov:entity", from));
                break;
            case LineageRelation.Symlink or LineageRelation.Renamed:
                Say("alternateOf", ("prov:alternate1", to), ("prov:alternate2", from));
                break;
            case LineageRelation.Derived or LineageRelation.Features or LineageRelation.Materialised or LineageRelation.Column
                or LineageRelation.Deployed or LineageRelation.Serves or LineageRelation.Projected:
                Say("wasDerivedFrom", ("prov:generatedEntity", to), ("prov:usedEntity", from));
                break;
            case LineageRelation.Ran:
                break; // the association of the run names it
            default:
                Say("wasInfluencedBy", ("prov:influencee", to), ("prov:influencer", from));
                break;
        }
    }

    /// <summary>A job is a plan; what read and wrote are its executions.</summary>
    private string End(LineageEdge edge, NodeId node)
    {
        if (node.Kind != NodeKind.Job || edge.Relation == LineageRelation.Ran)
            return Name(node);
        var executions = Qualified(ProvNames.ExecutionsOf(node));
        if (!_activities.ContainsKey(executions))
        {
            Activity(executions, $"all executions of {node}", "Executions");
            Associate(executions, principal: null, node, role: "");
        }

        return executions;
    }

    /// <summary>A run that used what another made was informed by it (PROV-CONSTRAINTS, inference 5).</summary>
    private void Inform(IReadOnlyList<LineageEdge> edges)
    {
        var makers = edges.Where(e => e.Relation == LineageRelation.Output).ToLookup(e => e.To, e => e.From);
        var informed = edges.Where(e => e.Relation == LineageRelation.Input)
            .SelectMany(e => makers[e.From].Select(maker => (Run: e.To, Maker: maker)))
            .Where(i => i.Run != i.Maker)
            .Distinct();
        foreach (var (run, maker) in informed)
            Say("wasInformedBy", ("prov:informed", Name(run)), ("prov:informant", Name(maker)));
    }

    private void Entity(NodeId node)
    {
        var name = Name(node);
        if (_entities.ContainsKey(name))
            return;
        var types = new JsonArray(Type(TypeOf(node)));
        if (node.Kind == NodeKind.Job)
            types.Add(Value("prov:Plan"));
        _entities[name] = new JsonObject { ["prov:type"] = types, ["prov:label"] = node.ToString() };
        if (node.Column is not null)
        {
            Entity(node.WithoutVersion());
            Say("hadMember", ("prov:collection", Name(node.WithoutVersion())), ("prov:entity", name));
        }
        else if (node.Version is not null)
        {
            Entity(node.WithoutVersion());
            Say("specializationOf", ("prov:specificEntity", name), ("prov:generalEntity", Name(node.WithoutVersion())));
        }
    }

    private JsonObject Activity(string name, string label, string type)
    {
        if (_activities[name] is JsonObject there)
            return there;
        var activity = new JsonObject { ["prov:type"] = Type(type), ["prov:label"] = label };
        _activities[name] = activity;
        return activity;
    }

    private static string TypeOf(NodeId node) => (node.Kind, node.Version, node.Column) switch
    {
        (_, _, not null) => "Column",
        (var kind, not null, _) => $"{kind}Version",
        (var kind, _, _) => kind.ToString(),
    };

    private void Say(string relation, params ReadOnlySpan<(string Role, string? Value)> ends)
    {
        var said = new JsonObject();
        foreach (var (role, value) in ends)
        {
            if (value is not null)
                said[role] = value;
        }

        if (!_relations.TryGetValue(relation, out var all))
            _relations.Add(relation, all = []);
        all[string.Create(CultureInfo.InvariantCulture, $"_:r{++_related}")] = said;
    }

    private JsonObject Document()
    {
        var prefixes = new JsonObject();
        foreach (var (prefix, space) in _prefixes)
            prefixes[prefix] = space;
        var document = new JsonObject { ["prefix"] = prefixes };
        (string Name, JsonObject Members)[] things = [("entity", _entities), ("activity", _activities), ("agent", _agents)];
        foreach (var (name, section) in things.Concat(_relations.Select(r => (r.Key, r.Value))))
        {
            if (section.Count > 0)
                document[name] = section;
        }

        return document;
    }

    private string Name(NodeId node) => Qualified(ProvNames.Of(node));

    private JsonObject Type(string term) => Value($"{ProvNames.Terms}:{term}");

    /// <summary>A qualified name as a value.</summary>
    private JsonObject Value(string name) => new() { ["$"] = Qualified(name), ["type"] = "prov:QUALIFIED_NAME" };

    /// <summary>Declares the prefix of a name.</summary>
    private string Qualified(string name)
    {
        var prefix = name[..name.IndexOf(':', StringComparison.Ordinal)];
        _prefixes[prefix] = ProvNames.NamespaceOf(prefix);
        return name;
    }

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
