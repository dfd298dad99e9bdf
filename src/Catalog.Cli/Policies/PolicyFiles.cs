using Catalog.Access.Policies;
using Catalog.Cli.Features;
using Catalog.Sdk;
using YamlDotNet.RepresentationModel;

namespace Catalog.Cli.Policies;

/// <summary>Statements of policy, and their tests, as YAML files have them, one or several documents each.</summary>
internal static class PolicyFiles
{
    /// <param name="paths">Files, and folders in which all <c>*.yaml</c> and <c>*.yml</c> are read, those of folders within, too.</param>
    /// <exception cref="CatalogException">A file is not there, cannot be read, or is not as it is to be.</exception>
    public static WrittenPolicies Read(IReadOnlyList<string> paths)
    {
        var documents = YamlFiles.Find(paths).Select(YamlFile.OfPolicies)
            .SelectMany(file => YamlFiles.Documents(file).Select(d => new PolicyYaml(file, d))).ToList();
        if (!documents.Any(d => d.HasStatements))
        {
            throw FileMistakes.At(
                new FilePlace(YamlFile.OfPolicies(paths[0]), 1), "this has no statements of policy: they stand under 'statements'.");
        }

        var statements = documents.SelectMany(d => d.Statements()).ToList();
        Check(statements);
        return new WrittenPolicies(
            [.. statements.Select(s => s.Spec)], [.. documents.SelectMany(d => d.Groups())], [.. documents.SelectMany(d => d.Tests())]);
    }

    /// <summary>What the server would refuse of a statement by itself is told here, with the line that it stands in.</summary>
    private static void Check(IReadOnlyList<Written<Statement>> statements)
    {
        foreach (var twice in statements.GroupBy(s => s.Spec.Id, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.ToList()))
            throw FileMistakes.At(twice[1].Place, $"the statement '{twice[1].Spec.Id}' stands at {twice[0].Place} already.");
        var mistakes = statements
            .SelectMany(s => CompiledPolicies.Check(s.Spec)
                .Select(problem => (s.PlaceOf(problem.Field), $"'{s.Spec.Id}': {problem.Field} {problem.Message}")))
            .ToList();
        if (mistakes.Count > 0)
            throw FileMistakes.Of(mistakes);
    }
}

/// <summary>What files say.</summary>
/// <param name="Statements">Each can be read.</param>
/// <param name="Groups">Who is in which group, in tests.</param>
/// <param name="Tests">In the order of the files.</param>
internal sealed record WrittenPolicies(
    IReadOnlyList<Statement> Statements, IReadOnlyList<(string Group, string Member)> Groups, IReadOnlyList<PolicyTest> Tests);

/// <summary>One document of a file of policies.</summary>
internal sealed class PolicyYaml(YamlFile file, YamlNode document)
{
    private readonly YamlFields _document = new(file, document, "a document of policies", "statements", "groups", "tests");

    /// <summary>Whether it says what statements there are to be, if only that there are none.</summary>
    public bool HasStatements => _document.Has("statements", out _);

    public IEnumerable<Written<Statement>> Statements() => List("statements").Select(s => new StatementYaml(file, s).Read());

    public IEnumerable<PolicyTest> Tests() => List("tests").Select(t => new PolicyTestYaml(file, t).Read());

    public IEnumerable<(string Group, string Member)> Groups()
    {
        if (!_document.Has("groups", out var node))
            return [];
        var groups = new YamlFields(file, node, "'groups'");
        return groups.Members().SelectMany(g => (groups.Texts(g.Name) ?? []).Select(member => (g.Name, member)));
    }

    private IEnumerable<YamlNode> List(string name) => !_document.Has(name, out var node) ? []
        : node as YamlSequenceNode ?? throw _document.Mistake(node, $"'{name}' is to be a list: one after the other, each with a dash.");
}
