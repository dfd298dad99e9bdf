using System.Text.Json;
using Catalog.Jobs;
using Catalog.Lineage.OpenLineage;
using Catalog.Lineage.Reported;
using Marten;

namespace Catalog.Lineage;

/// <summary>How a run ran, as far as it was told: what two runs of a job can differ in.</summary>
/// <param name="Code">Which code: the revision, else the query or the source text itself, by its name. Null when nobody told.</param>
/// <param name="Parameters">By name.</param>
/// <param name="Environment">By name.</param>
internal sealed record RunTraits(
    (string Name, string Value)? Code, IReadOnlyDictionary<string, string> Parameters, IReadOnlyDictionary<string, string> Environment);

/// <summary>Finds traits: on the page of a run that was started here, else in the facets of its OpenLineage events.</summary>
internal sealed class RunTraitsReader(IQuerySession pages, RunFacets facets)
{
    /// <param name="run">The run.</param>
    /// <param name="job">The job that it is compared as a run of.</param>
    /// <param name="upTo">The log position that was asked as of; null for all that is known.</param>
    /// <param name="ct">Stops.</param>
    public async Task<RunTraits> ReadAsync(NodeId run, NodeId job, long? upTo, CancellationToken ct)
    {
        if (await pages.LoadAsync<RunPage>(run.ToString(), ct) is { } page)
            return new RunTraits(page.CodeRevision is { } revision ? ("codeRevision", revision) : null, page.Parameters, page.Environment);
        var (ofRun, ofJob) = (new InRun(run, run, Role: null), new InRun(run, job, Role: null));
        var found = await facets.ReadAsync([ofRun, ofJob], upTo, ct);
        return new RunTraits(CodeOf(found[ofJob]), ParametersOf(found[ofRun]), EnvironmentOf(found[ofRun]));
    }

    private static (string Name, string Value)? CodeOf(IReadOnlyDictionary<string, JsonElement> facets)
    {
        foreach (var (name, facet, member) in new[]
        {
            ("codeRevision", "sourceCodeLocation", "version"), ("sql", "sql", "query"), ("sourceCode", "sourceCode", "sourceCode"),
        })
        {
            if (facets.TryGetValue(facet, out var value) && EventFacets.Text(value, member) is { } code)
                return (name, code);
        }

        return null;
    }

    private static Dictionary<string, string> ParametersOf(IReadOnlyDictionary<string, JsonElement> facets) =>
        Pairs(facets, "executionParameters", "parameters", "key");

    private static Dictionary<string, string> EnvironmentOf(IReadOnlyDictionary<string, JsonElement> facets)
    {
        var environment = Pairs(facets, "environmentVariables", "environmentVariables", "name");
        if (facets.TryGetValue("processing_engine", out var engine))
        {
            foreach (var member in new[] { "name", "version", "openlineageAdapterVersion" })
            {
                if (EventFacets.Text(engine, member) is { } value)
                    environment[$"processing_engine.{member}"] = value;
            }
        }

        return environment;
    }

    private static Dictionary<string, string> Pairs(IReadOnlyDictionary<string, JsonElement> facets, string facet, string list, string key)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!facets.TryGetValue(facet, out var value) || !value.TryGetProperty(list, out var items)
            || items.ValueKind != JsonValueKind.Array)
            return pairs;
        foreach (var item in items.EnumerateArray())
        {
            if (EventFacets.Text(item, key) is { } name)
                pairs[name] = EventFacets.Text(item, "value") ?? "";
        }

        return pairs;
    }
}
