using System.Text.Json.Nodes;
using Catalog.Jobs;
using Catalog.Lineage;
using Catalog.Lineage.Exports;
using CsCheck;
using NJsonSchema;
using Xunit;

namespace Catalog.Tests.Lineage.Exports;

public sealed class ProvTests
{
    private static readonly DateTimeOffset s_start = DateTimeOffset.Parse("2026-03-01T12:00:00Z");

    private static readonly Dictionary<NodeId, RunRecord> s_runs = new()
    {
        [NodeId.Run("r1")] = new RunRecord(NodeId.Run("r1"))
        {
            IsNative = true,
            Job = NodeId.Job("demo", "prepare"),
            Principal = "pipeline-7",
            CodeRevision = "4f2a9c1",
            StartedAt = s_start,
            EndedAt = s_start.AddMinutes(5),
            End = RunState.Completed,
        },
        [NodeId.Run("r2")] = new RunRecord(NodeId.Run("r2"))
        {
            Job = NodeId.Job("demo", "train"),
            Parent = NodeId.Run("r0"),
            Principal = "airflow",
            StartedAt = s_start.AddHours(1),
        },
    };

    private static readonly Dictionary<LineageEdge, DateTimeOffset> s_since =
        Extracts.Deployment.Edges.Where(e => e.Relation != LineageRelation.File).ToDictionary(e => e, _ => s_start);

    [Fact]
    public void Versions_are_entities_runs_activities_principals_agents_and_jobs_plans() =>
        Golden.Check(Extracts.Golden("deployment.prov.json"), Prov.Write(Extracts.Deployment, s_runs, s_since) + "\n");

    [Fact]
    public void What_a_relation_names_is_there_and_of_the_right_kind()
    {
        foreach (var extract in (LineageExtract[])[Extracts.Deployment, Extracts.Awkward, Extracts.EveryRelation])
            Consistent(Written(extract));
    }

    [Fact]
    public void A_job_is_a_plan_and_its_executions_together_read_and_write()
    {
        var prov = Written(Extracts.EveryRelation);

        Assert.Contains(
            ("prov:activity", "executions:d/load", "prov:entity", "dataset:d/a"),
            Relations(prov, "used").Select(r => ("prov:activity", $"{r["prov:activity"]}", "prov:entity", $"{r["prov:entity"]}")));
        Assert.Contains(
            Relations(prov, "wasAssociatedWith"),
            r => $"{r["prov:activity"]}" == "executions:d/load" && $"{r["prov:plan"]}" == "job:d/load");
        Assert.Contains(Relations(prov, "wasInformedBy"), r => $"{r["prov:informed"]}" == "executions:d/load");
        Assert.Contains(Relations(prov, "hadMember"), r => $"{r["prov:entity"]}" == "dataset:d/a#x");
    }

    [Fact]
    public void Any_name_is_a_qualified_name_and_reads_back() =>
        Gen.Select(Gen.String[1, 30], Gen.String[1, 30]).Where(n => Names.Check(n.Item1) is null && Names.Check(n.Item2) is null)
            .Sample((ns, name) =>
            {
                var node = NodeId.Dataset(ns, name, 3, "x");
                var written = ProvNames.Of(node);

                Assert.Matches("""\Adataset:[A-Za-z0-9_/@#%][A-Za-z0-9_/@#%.\-]*[A-Za-z0-9_/@#%]\z""", written);
                Assert.Equal(node, NodeId.Parse(written));
            });

    [Fact]
    public async Task It_fits_the_schema_of_the_submission()
    {
        var file = Repository.File("..", "shared", "data", "schemas", "prov", "prov-json-schema.json");
        Assert.SkipUnless(File.Exists(file), "The schema of PROV-JSON is not at ../shared/data/schemas/prov.");
        var schema = await JsonSchema.FromJsonAsync(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));

        foreach (var extract in (LineageExtract[])[Extracts.Deployment, Extracts.Awkward, Extracts.EveryRelation])
            Assert.Empty(schema.Validate(Prov.Write(extract, s_runs, s_since)).Select(e => e.ToString()));
        Assert.NotEmpty(schema.Validate("""{"used":{"_:r1":{"prov:activity":"run:r"}}}"""));
    }

    private static JsonObject Written(LineageExtract extract) =>
        JsonNode.Parse(Prov.Write(extract, s_runs, s_since))?.AsObject() ?? throw new InvalidOperationException("It is no object.");

    private static IEnumerable<JsonObject> Relations(JsonObject prov, string relation) =>
        prov[relation]?.AsObject().Select(r => r.Value?.AsObject()).OfType<JsonObject>() ?? [];

    /// <summary>PROV-CONSTRAINTS, sections 6.2 and 6.3: what is named is declared once, as what the place asks for.</summary>
    private static void Consistent(JsonObject prov)
    {
        HashSet<string> Declared(string section) => [.. prov[section]?.AsObject().Select(m => m.Key) ?? []];
        var (entities, activities, agents) = (Declared("entity"), Declared("activity"), Declared("agent"));
        Assert.Empty(entities.Intersect(activities));
        var prefixes = Declared("prefix");
        Assert.All(entities.Concat(activities).Concat(agents), name => Assert.Contains(name[..name.IndexOf(':')], prefixes));

        foreach (var (role, value) in prov.Where(s => s.Key.StartsWith("was", StringComparison.Ordinal) || s.Key is "used" or "hadMember"
                or "specializationOf" or "alternateOf")
            .SelectMany(s => Relations(prov, s.Key)).SelectMany(r => r).Select(m => (m.Key, $"{m.Value}")))
        {
            IEnumerable<string> allowed = role switch
            {
                "prov:time" or "prov:role" => [value],
                "prov:activity" or "prov:informed" or "prov:informant" or "prov:starter" => activities,
                "prov:agent" => agents,
                "prov:influencer" or "prov:influencee" => entities.Concat(activities),
                _ => entities,
            };
            Assert.True(allowed.Contains(value, StringComparer.Ordinal), $"{role} is {value}, which is not declared.");
        }
    }
}
