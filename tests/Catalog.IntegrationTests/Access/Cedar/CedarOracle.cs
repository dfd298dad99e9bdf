using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using Catalog.Access;
using Catalog.Access.Policies;
using Catalog.IntegrationTests.Hosting;
using Catalog.Server.Hosting;

namespace Catalog.IntegrationTests.Access.Cedar;

/// <summary>What Cedar says of cases made at random: one program of node answers all of them.</summary>
internal sealed record CedarOracle(int Seed, IReadOnlyList<CedarCase> Cases)
{
    private const string Package = "@cedar-policy/cedar-wasm@4.13.0";
    private const string Sha512 = "1omEd/J0c7RjcfSUWiXZc6zk6XUs1IuY7Yk9TVysoKV/LpFWIk45RpjvRFVioPUR3RQmgA/DaqKhK3pucbBx1A==";
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    public static async Task<CedarOracle> AskAsync(int seed, int cases, int questions, CancellationToken ct)
    {
        using var folder = new TemporaryFolder();
        var node = Requires.Program("node");
        var cedar = await Requires.NpmPackageAsync(Package, Sha512, folder.Path, ct);
        var made = Enumerable.Range(0, cases).Select(i => Make(new Random(seed + i), questions)).ToList();
        await File.WriteAllLinesAsync(folder["cases.jsonl"], made.Select(c => c.Written), ct);

        // Node 20 dies where a call into Cedar that it had optimized is undone; Cedar itself is compiled either way.
        string[] arguments =
        [
            "--no-opt", Path.Combine(AppContext.BaseDirectory, "Access", "Cedar", "cedar.mjs"),
            Path.Combine(cedar, "nodejs", "cedar_wasm.js"), folder["cases.jsonl"],
        ];
        var start = new ProcessStartInfo(node, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var said = await CommandResult.RunAsync(start, s_limit, ct);
        Assert.True(said.ExitCode == 0, $"Cedar did not answer: {said.Errors}");
        var lines = said.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(cases, lines.Length);
        return new CedarOracle(seed, [.. made.Zip(lines, (one, line) => one.Case with { Answers = Read(line) })]);
    }

    private static (CedarCase Case, string Written) Make(Random random, int questions)
    {
        var (world, statements) = (CedarWorld.Random(random), new CedarStatements(random));
        var people = statements.People();
        var said = Enumerable.Range(0, random.Next(1, 11)).Select(i => statements.Statement($"s{i}")).ToList();
        var set = people with
        {
            Statements = said.ToImmutableSortedDictionary(s => s.Statement.Id, s => s.Statement, StringComparer.Ordinal),
        };
        var asked = Enumerable.Range(0, questions).Select(_ => statements.Question(world)).ToList();
        var policies = CedarStatements.Roles();
        foreach (var (statement, cedar) in said)
        {
            if (cedar is not null)
                policies[statement.Id] = cedar;
        }

        var entities = world.Entities().Concat(CedarStatements.Groups(set)).Concat(CedarStatements.Actions())
            .Append(new CedarEntity(("Action", "all"), [])).Append(new CedarEntity(("Action", "deniable"), []));
        var written = JsonSerializer.Serialize(new
        {
            policies,
            entities = entities.Select(e => e.Written),
            requests = asked.Select(q => CedarStatements.Written(q.Request, q.Now, set, world)),
        });
        return (new CedarCase(set, world, asked, []), written);
    }

    private static List<CedarAnswer> Read(string line) =>
        JsonSerializer.Deserialize<List<CedarAnswer>>(line, JsonSerializerOptions.Web) ?? [];
}

/// <param name="Set">Statements, groups and attributes.</param>
/// <param name="World">What there is.</param>
/// <param name="Questions">Asked, each at a time.</param>
/// <param name="Answers">Of Cedar.</param>
internal sealed record CedarCase(
    PolicySet Set, CedarWorld World, IReadOnlyList<(AccessRequest Request, DateTimeOffset Now)> Questions,
    IReadOnlyList<CedarAnswer> Answers)
{
    /// <summary>What is answered otherwise than Cedar does; null where nothing is.</summary>
    /// <param name="change">How the statements are got wrong; null for not at all.</param>
    /// <param name="facts">How what is known of things is got wrong; null for not at all.</param>
    public string? Difference(Func<PolicySet, PolicySet>? change = null, Func<IResourceFacts, IResourceFacts>? facts = null)
    {
        var (set, known) = (change is null ? Set : change(Set), World.Followed(Set));
        var policies = CompiledPolicies.Compile(set, facts is null ? known : facts(known), position: 1);

        // Twice, as what is remembered has to be right, too.
        foreach (var round in (int[])[1, 2])
        {
            foreach (var ((request, now), cedar) in Questions.Zip(Answers))
            {
                var decision = policies.Answer(request, now);
                if (cedar.Errors > 0 || !IsSame(decision, cedar))
                {
                    return $"{request} at {now:O}, role {request.Role}, groups {string.Join(' ', request.Groups)}: {decision.Ground} by "
                        + $"{string.Join(' ', decision.Statements)}, and Cedar says {cedar.Decision} by {string.Join(' ', cedar.Reason)}, "
                        + $"with {cedar.Errors} errors, asked {round} times, of\n{string.Join('\n', Set.Statements.Values.Select(Line))}";
                }
            }
        }

        return null;
    }

    /// <summary>The same decision for the same reasons: all that forbid it, all that make it wait, or all that allow it.</summary>
    private bool IsSame(AccessDecision decision, CedarAnswer cedar)
    {
        var forbids = cedar.Reason.Where(r => EffectOf(r) == Effect.Deny).ToList();
        IEnumerable<string> reason = forbids.Count > 0 ? forbids : cedar.Reason;
        var isSaid = decision.Ground switch
        {
            AccessGround.Allowed => cedar.Decision == "allow",
            AccessGround.NothingAllows => cedar.Decision == "deny" && cedar.Reason.Count == 0,
            AccessGround.Forbidden => cedar.Decision == "deny" && forbids.Count > 0,
            _ => cedar.Decision == "deny" && cedar.Reason.Count > 0 && forbids.Count == 0,
        };
        var statements = decision.Statements.Where(s => EffectOf(s) is not (Effect.Mask or Effect.Filter));
        return isSaid && statements.SequenceEqual(reason.Order(StringComparer.Ordinal));
    }

    private Effect? EffectOf(string id) => Set.Statements.TryGetValue(id, out var statement) ? statement.Effect : null;

    private static string Line(Statement s) =>
        $"{s.Id} {s.Effect} [{string.Join(' ', s.Principals)}] [{string.Join(' ', s.Actions)}] [{string.Join(' ', s.Resources)}] "
        + $"tags {s.Tags} for [{string.Join(' ', s.Purposes)}] when {s.When} from {s.NotBefore:O} until {s.Expires:O}";
}

/// <param name="Decision"><c>allow</c> or <c>deny</c>.</param>
/// <param name="Reason">The policies that it rests on.</param>
/// <param name="Errors">How many policies could not be evaluated.</param>
internal sealed record CedarAnswer(string Decision, IReadOnlyList<string> Reason, int Errors);
