using Catalog.Access;
using Catalog.Access.Policies;
using Catalog.Cli.Policies;
using Catalog.Sdk;
using Catalog.Tests.Storage;
using Xunit;

namespace Catalog.Tests.Access;

public sealed class PolicyFilesTests : IDisposable
{
    private const string Whole =
        """
        statements:
          - id: everything
            effect: Filter
            principals: [group:b, ada, group:b]
            actions: read-data
            resources: ['dataset:demo/*', namespace:demo]
            tags: pii and not public
            purposes: [training, analytics]
            when: principal.department == 'fraud'
            notBefore: 2026-01-01
            expires: 2027-01-01T02:00+02:00
            rows: origin = 'JFK'
            reason: Because.
          - {id: hidden, effect: mask, principals: '*', columns: [b, a], mask: null, reason: Because.}
          - {id: two, effect: require, principals: '*', actions: alias, require: {approvals: 2, approvedBy: stewards}, reason: Because.}
          - {id: why, effect: require, principals: '*', actions: [read-data], require: purpose, reason: Because.}
        """;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_is_read_as_it_says_with_its_lists_in_order()
    {
        var statements = PolicyFiles.Read([Write("a.yaml", Whole)]).Statements;

        Assert.Equal(
            new Statement(
                "everything", Effect.Filter, ["ada", "group:b"], ["read-data"], ["dataset:demo/*", "namespace:demo"],
                "pii and not public", ["analytics", "training"], "principal.department == 'fraud'",
                new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), [],
                Mask: null, "origin = 'JFK'", Requires: null, "Because."),
            statements[0]);
        Assert.Equal((Mask.Null, "a b"), (statements[1].Mask, string.Join(' ', statements[1].Columns)));
        Assert.Equal(new Requirement(2, "stewards", Purpose: false), statements[2].Requires);
        Assert.Equal(new Requirement(0, ApprovedBy: null, Purpose: true), statements[3].Requires);
    }

    [Fact]
    public void Files_of_a_folder_are_read_together()
    {
        Write("a.yaml", "statements:\n  - {id: a, effect: deny, principals: ada, actions: read, reason: Because.}\n");
        Write("b.yml", "groups: {g: [ada, group:h]}\ntests:\n  - {name: t, principal: ada, action: read, expect: deny}\n");

        var read = PolicyFiles.Read([_folder.Path]);

        Assert.Equal("a", Assert.Single(read.Statements).Id);
        Assert.Equal([("g", "ada"), ("g", "group:h")], read.Groups);
        Assert.Equal((Role.None, Verdict.Deny), (Assert.Single(read.Tests).Role, read.Tests[0].Expected.Verdict));
    }

    [Theory]
    [InlineData("id: everything", "idd: everything", 2, "there is no 'idd' in a statement; did you mean 'id'?")]
    [InlineData("effect: Filter", "effect: forbid", 3, "'effect' is to be one of allow, deny, mask, filter, require, not 'forbid'")]
    [InlineData("actions: read-data", "actions: [read-data, export]", 5, "'everything': actions can only be read-data")]
    [InlineData("namespace:demo]", "namespce:demo]", 6, "'everything': resources cannot be read")]
    [InlineData("tags: pii and not public", "tags: pii and", 7, "'everything': tags cannot be read: at character 8 a tag")]
    [InlineData("purposes: [training", "purposes: [trainig", 8, "'everything': purposes knows no 'trainig'")]
    [InlineData("when: principal.department ==", "when: principal.department =", 9, "'everything': when cannot be read")]
    [InlineData("notBefore: 2026-01-01", "notBefore: soon", 10, "'notBefore' is to be a day or a moment")]
    [InlineData("expires: 2027", "expires: 2025", 11, "'everything': expires must lie behind notBefore")]
    [InlineData("rows: origin = 'JFK'", "mask: hash", 12, "'everything': mask can only be given where the effect is mask")]
    [InlineData("    reason: Because.\n  - {id: hidden", "  - {id: hidden", 2, "'everything': reason is needed")]
    [InlineData("mask: null", "mask: blur", 14, "'mask' is to be one of last-four, year, bucket, redact, hash, null, not 'blur'")]
    [InlineData("mask: null, ", "", 14, "'hidden': mask is needed where the effect is mask")]
    [InlineData("approvals: 2", "approvals: two", 15, "'approvals' is to be a number from 1 to 16, not 'two'")]
    [InlineData("approvals: 2", "approvals: 17", 15, "'two': require can ask for 1 to 16 approvals")]
    [InlineData("require: purpose", "require: reason", 16, "'require' is to be purpose, or a number of approvals")]
    [InlineData("id: why", "id: two", 16, "the statement 'two' stands at")]
    [InlineData("principals: '*', columns", "principals: *, columns", 14, "A text that begins with a star stands in quotes: '*'.")]
    [InlineData("statements:", "statement:", 1, "there is no 'statement' in a document of policies; did you mean 'statements'?")]
    public void A_mistake_is_told_with_its_line(string right, string wrong, int line, string sentence)
    {
        Assert.Contains(right, Whole, StringComparison.Ordinal);
        var path = Write("a.yaml", Whole.Replace(right, wrong, StringComparison.Ordinal));

        var mistake = Assert.Throws<CatalogException>(() => PolicyFiles.Read([path]));

        Assert.Equal("client.policy_file_invalid", mistake.Code);
        Assert.StartsWith($"{path}:{line}: ", mistake.Detail, StringComparison.Ordinal);
        Assert.Contains(sentence, mistake.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("expect: maybe", "'expect' is to be one of allow, deny, wait, not 'maybe'")]
    [InlineData("expect: allow, role: root", "'role' is to be one of none, reader, writer, admin, not 'root'")]
    [InlineData("expect: allow, resource: flights", "'resource' is to be a node, and no column, such as dataset:demo/flights@3, not")]
    [InlineData("expect: allow, resource: 'dataset:demo/flights#delay'", "'resource' is to be a node, and no column")]
    [InlineData("expect: allow, approvals: [steve]", "'approvals' are of a resource: the test needs 'resource'")]
    [InlineData("expect: allow, masks: {a: blur}", "'a' is to be one of none, last-four, year, bucket, redact, hash, null, not 'blur'")]
    [InlineData("expect: allow, columns: [a]", "'columns' is to be a mapping of names to values")]
    public void A_mistake_in_a_test_is_told(string fields, string sentence)
    {
        var path = Write("a.yaml", $$"""
            statements: []
            tests:
              - {name: t, principal: ada, action: read-data, {{fields}}}
            """);

        var mistake = Assert.Throws<CatalogException>(() => PolicyFiles.Read([path]));

        Assert.StartsWith($"{path}:3: {sentence}", mistake.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_without_statements_are_refused_so_that_pruning_by_them_withdraws_nothing()
    {
        var path = Write("a.yaml", "tests: []\n");

        Assert.Contains("they stand under 'statements'", Assert.Throws<CatalogException>(() => PolicyFiles.Read([path])).Detail);
        Assert.Empty(PolicyFiles.Read([Write("b.yaml", "statements: []\n")]).Statements);
    }

    private string Write(string name, string text)
    {
        var path = _folder.Join(name);
        File.WriteAllText(path, text.ReplaceLineEndings("\n"));
        return path;
    }
}
